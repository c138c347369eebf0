"""What LocalStack's Step Functions gets wrong, mended: a file a fault."""
