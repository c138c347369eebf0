"""What the delivery's functions do."""
