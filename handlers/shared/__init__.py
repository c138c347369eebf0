"""What the handlers of every workflow use."""
