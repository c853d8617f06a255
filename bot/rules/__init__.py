"""Rules: pure functions from a catalog and what was seen of its pages to findings."""
