"""The types that rooms share."""
