"""What runs inside Lambda: a file a function."""
