"""What each command does: the only place that reads the clock and the disk, and prints."""
