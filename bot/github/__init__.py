"""Findings become pull requests and issues. Knows Markdown bodies and a forge; nothing of Medium's answers."""
