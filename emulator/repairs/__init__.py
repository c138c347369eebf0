"""What LocalStack 4.14.0 gets wrong, mended: a file a fault, which says what LocalStack does and what AWS does."""
