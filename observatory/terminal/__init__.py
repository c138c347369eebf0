"""What happened, shown in a terminal."""
