"""What the errands' function does."""
