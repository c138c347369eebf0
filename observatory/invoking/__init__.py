"""One function and one event: where the event is from, and how the function is given it."""
