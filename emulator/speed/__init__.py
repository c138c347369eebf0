"""What LocalStack 4.14.0 does slowly, mended. Imports nothing: LocalStack loads some of it before the rest."""
