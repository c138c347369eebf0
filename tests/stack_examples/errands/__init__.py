"""A tiny workflow for the tests of what is said when something in it is wrong."""
