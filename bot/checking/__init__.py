"""The steps of a check: plan, run, evaluate, fix."""
