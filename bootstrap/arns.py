"""The ARNs of what exists in one account and region; each derives from a name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Arns:
    """Says how a thing of this account and region is called when AWS must know it exactly."""

    account: str
    region: str

    def bus(self, name: str) -> str:
        """An event bus."""
        return self._regional("events", f"event-bus/{name}")

    def rule(self, name: str) -> str:
        """A rule on the default bus."""
        return self._regional("events", f"rule/{name}")

    def function(self, name: str) -> str:
        """A Lambda function."""
        return self._regional("lambda", f"function:{name}")

    def machine(self, name: str) -> str:
        """A state machine."""
        return self._regional("states", f"stateMachine:{name}")

    def executions(self, machine: str) -> str:
        """All executions of a state machine."""
        return self._regional("states", f"execution:{machine}:*")

    def queue(self, name: str) -> str:
        """An SQS queue."""
        return self._regional("sqs", name)

    def log_group(self, name: str) -> str:
        """A log group, as the target of a rule."""
        return self._regional("logs", f"log-group:{name}")

    def log_streams(self, group: str) -> str:
        """All streams of a log group."""
        return f"{self.log_group(group)}:*"

    def role(self, name: str) -> str:
        """An IAM role."""
        return f"arn:aws:iam::{self.account}:role/{name}"

    def _regional(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
