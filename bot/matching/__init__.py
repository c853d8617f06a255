"""When two names agree, and what months mean. Pure text."""
