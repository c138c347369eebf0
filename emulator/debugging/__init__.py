"""Debuggers that look into functions while they run."""
