"""A stand-in for GitHub: one repository with its branches, issues and pull requests, and the REST API over them."""

from bot.demo.hub.state import Hub

__all__ = ["Hub"]
