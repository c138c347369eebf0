"""A new step or side effect, written into the files that the stack is made of."""
