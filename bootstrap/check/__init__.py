"""What is wrong with a stack, found in its files before anything runs."""
