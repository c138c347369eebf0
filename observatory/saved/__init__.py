"""A sandbox as a file: what its services said, for whoever looks at it without them or makes another one of it."""
