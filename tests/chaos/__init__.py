"""Chaos, seeded: runs whose events, invocations and objects meet faults that a seed decides."""
