"""One pure renderer a format, and the escaping they share."""
