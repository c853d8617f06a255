"""Markdown as bytes: parse a catalog, edit it exactly. Knows nothing of Medium, the network or GitHub."""
