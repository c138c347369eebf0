"""What tells an error that a retry may mend from one that it cannot."""


class PermanentError(Exception):
    """Handling the same event again would fail again; any other error is left to Lambda's retries."""
