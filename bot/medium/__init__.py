"""What Medium is like: its addresses, its pages, its oddities. Knows nothing of Markdown or GitHub."""
