"""The detail types that every workflow shares: how a function answers the state that waits for it."""

DONE = "done"
FAILED = "failed"
