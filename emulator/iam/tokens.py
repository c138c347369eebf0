"""Task tokens that say which state machine they are of, as AWS's do for AWS.

SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are allowed on the machine that the token comes from:
https://github.com/aws/aws-cdk/pull/8486. LocalStack's are plain ids, which say nothing once an execution is over.
"""

import base64

SEPARATOR = "."


def token_of(identifier: str, machine: str) -> str:
    """A token for one task of a machine.

    Args:
        identifier: What tells it from all others.
        machine: The machine's ARN.
    """
    return f"{identifier}{SEPARATOR}{base64.urlsafe_b64encode(machine.encode()).decode()}"


def machine_of(token: str) -> str | None:
    """The ARN of the machine that a token is of; none if it is no token of here."""
    _, separated, encoded = token.rpartition(SEPARATOR)
    try:
        return base64.urlsafe_b64decode(encoded).decode() if separated else None
    except ValueError:
        return None
