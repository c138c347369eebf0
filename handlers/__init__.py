"""What runs inside Lambda: a file a function, and what they share."""
