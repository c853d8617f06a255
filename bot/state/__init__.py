"""What the bot remembers from night to night. Knows pages and findings; nothing of where the memory is kept."""
