"""A small workflow for the tests of what any stack may have."""
