"""A stand-in for GitHub: one repository with its branches, issues and pull requests, and the REST API to them."""
