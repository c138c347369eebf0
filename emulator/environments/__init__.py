"""Lambda execution environments as processes."""
