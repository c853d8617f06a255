"""Markdown as bytes: what stands where. Knows nothing of Medium, the network or GitHub."""
