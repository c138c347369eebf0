"""Runs: start, find and follow them."""
