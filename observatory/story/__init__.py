"""A run's records, joined: what caused what, what failed, what it took."""
