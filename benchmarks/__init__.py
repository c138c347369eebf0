"""The same work on this sandbox and on what people would use instead, side by side."""
