"""What happened in a run: start it, find its execution, follow it, and show it."""
