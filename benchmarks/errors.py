"""What can go wrong in a benchmark."""


class BenchmarkError(Exception):
    """A subject could not do its work, or not right; the message says which, and what came instead."""
