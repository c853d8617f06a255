"""All knowledge of Medium: its URLs, its pages, its quirks. Knows nothing of Markdown or GitHub."""
