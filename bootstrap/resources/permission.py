"""A function's permission for a rule to invoke it."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap.clients import Clients
from bootstrap.policies import invoke_permission
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class Permission:
    """Lets one rule invoke one function: a statement in the function's own policy.

    Args:
        name: The rule's name, which is the statement's as well.
        function: The function's name.
        function_arn: Its ARN.
        rule_arn: The rule's ARN.
    """

    kind: ClassVar[str] = "permission"
    name: str
    function: str
    function_arn: str
    rule_arn: str

    def desired(self) -> Fields:
        """How it should be."""
        return invoke_permission(self.name, self.function_arn, self.rule_arn)

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            policy = json.loads(clients.lambda_.get_policy(FunctionName=self.function)["Policy"])
        except clients.lambda_.exceptions.ResourceNotFoundException:
            return None
        return next((statement for statement in policy["Statement"] if statement["Sid"] == self.name), None)

    def create(self, clients: Clients) -> None:
        """Add it."""
        clients.lambda_.add_permission(
            FunctionName=self.function,
            StatementId=self.name,
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=self.rule_arn,
        )

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Replace it; a statement cannot be changed."""
        self.delete(clients)
        self.create(clients)

    def delete(self, clients: Clients) -> None:
        """Remove it."""
        clients.lambda_.remove_permission(FunctionName=self.function, StatementId=self.name)
