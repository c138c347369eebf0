"""Tests of bootstrap/, without an account."""
