"""A state machine."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.errors import RefusedError
from bootstrap.resources.resource import Fields


@dataclass(frozen=True)
class StateMachine:
    """A definition in the Amazon States Language, and the role that it acts in.

    Args:
        name: The machine's name.
        arn: Its ARN.
        type: Whether it is a standard or an express one.
        definition: Its states.
        role: The ARN of its role.
        stack: The stack that it is for.
    """

    kind: ClassVar[str] = "state machine"
    name: str
    arn: str
    type: Literal["STANDARD", "EXPRESS"]
    definition: dict[str, Any]
    role: str
    stack: str

    def desired(self) -> Fields:
        """How it should be."""
        return {"type": self.type, "role": self.role, "definition": self.definition}

    def read(self, clients: Clients) -> Fields | None:
        """How it is; one that is being deleted counts as gone."""
        try:
            found = clients.states.describe_state_machine(stateMachineArn=self.arn)
        except clients.states.exceptions.StateMachineDoesNotExist:
            return None
        if found.get("status") == "DELETING":
            return None
        return {"type": found["type"], "role": found["roleArn"], "definition": json.loads(found["definition"])}

    def create(self, clients: Clients) -> None:
        """Make it."""
        clients.states.create_state_machine(
            name=self.name,
            type=self.type,
            definition=self._definition_text,
            roleArn=self.role,
            tags=[{"key": tags.KEY, "value": self.stack}],
        )

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set its definition and role.

        Raises:
            RefusedError: It is of the other type, which cannot be changed.
        """
        if "type" in fields:
            raise RefusedError(
                f"state machine {self.name} is not of type {self.type}, and AWS cannot change that:"
                " run `python -m bootstrap down`, then `up`"
            )
        clients.states.update_state_machine(
            stateMachineArn=self.arn, definition=self._definition_text, roleArn=self.role
        )

    def delete(self, clients: Clients) -> None:
        """Stop what runs, else AWS keeps it until every task has timed out, and remove it."""
        if self.type == "STANDARD":
            running = clients.states.get_paginator("list_executions").paginate(
                stateMachineArn=self.arn, statusFilter="RUNNING"
            )
            for execution in [execution for page in running for execution in page["executions"]]:
                clients.states.stop_execution(executionArn=execution["executionArn"])
        clients.states.delete_state_machine(stateMachineArn=self.arn)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.states.list_tags_for_resource(resourceArn=self.arn)["tags"])

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.states.tag_resource(resourceArn=self.arn, tags=[{"key": tags.KEY, "value": self.stack}])

    @property
    def _definition_text(self) -> str:
        return json.dumps(self.definition, indent=2)
