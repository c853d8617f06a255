"""A maintenance bot for Markdown catalogs of Medium articles."""

__version__ = "0.1.0"
