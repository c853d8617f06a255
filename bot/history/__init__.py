"""What earlier runs observed. Knows nothing of where it is stored."""
