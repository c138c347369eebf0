"""What the services say happened."""
