"""The network: polite requests, refused addresses, and every answer as a value."""
