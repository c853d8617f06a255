"""Rules: pure functions from a catalog and the evidence about its pages to findings."""
