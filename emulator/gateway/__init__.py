"""LocalStack's HTTP front."""
