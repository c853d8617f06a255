"""Findings become pull requests and issues."""
