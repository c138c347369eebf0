"""Workflows that are not the cookies, each a folder with its stack, its handlers and its definitions."""
