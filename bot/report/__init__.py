"""The outcome of a run, and one pure renderer a format."""
