"""What Lambda does about an event that a function fails to handle."""

from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap.clients import Clients
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class AsynchronousInvocation:
    """How often, and for how long, Lambda tries again, and where the event goes then.

    Args:
        name: The function's name.
        retries: How often it is invoked again.
        oldest_seconds: The age at which an event is given up, 60 s to 6 h.
        failed: The ARN of the bus or queue that an event goes to which could not be handled.
    """

    kind: ClassVar[str] = "asynchronous invocation"
    name: str
    retries: int
    oldest_seconds: int
    failed: str

    def desired(self) -> Fields:
        """How it should be."""
        return {"retries": self.retries, "oldest": self.oldest_seconds, "failed": self.failed}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            found = clients.lambda_.get_function_event_invoke_config(FunctionName=self.name)
        except clients.lambda_.exceptions.ResourceNotFoundException:
            return None
        return {
            "retries": found.get("MaximumRetryAttempts"),
            "oldest": found.get("MaximumEventAgeInSeconds"),
            "failed": found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        }

    def create(self, clients: Clients) -> None:
        """Set it."""
        clients.lambda_.put_function_event_invoke_config(
            FunctionName=self.name,
            MaximumRetryAttempts=self.retries,
            MaximumEventAgeInSeconds=self.oldest_seconds,
            DestinationConfig={"OnFailure": {"Destination": self.failed}},
        )

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Replace it."""
        self.create(clients)

    def delete(self, clients: Clients) -> None:
        """Leave it to Lambda's defaults."""
        clients.lambda_.delete_function_event_invoke_config(FunctionName=self.name)
