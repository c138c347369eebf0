"""An IAM role with one policy."""

import json
from collections.abc import Set
from dataclasses import dataclass
from typing import ClassVar

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.policies import Document, trust
from bootstrap.resources.resource import Fields

POLICY_NAME = "allowed"


@dataclass(frozen=True)
class Role:
    """What a function, machine or rule may do.

    Args:
        name: The role's name.
        service: The principal of the AWS service that acts in it.
        policy: What it may do.
        stack: The stack that it is for.
    """

    kind: ClassVar[str] = "role"
    name: str
    service: str
    policy: Document
    stack: str

    def desired(self) -> Fields:
        """How it should be."""
        # A policy must have a statement: who may do nothing has none.
        return {"trust": trust(self.service), "policy": self.policy if self.policy["Statement"] else None}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            role = clients.iam.get_role(RoleName=self.name)["Role"]
        except clients.iam.exceptions.NoSuchEntityException:
            return None
        return {"trust": role["AssumeRolePolicyDocument"], "policy": self._read_policy(clients)}

    def create(self, clients: Clients) -> None:
        """Make the role, then its policy."""
        clients.iam.create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=json.dumps(trust(self.service)),
            Tags=tags.as_list(self.stack),
        )
        if self.policy["Statement"]:
            self.update(clients, {"policy"})

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set who may act in it, or what it may do."""
        if "trust" in fields:
            clients.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(trust(self.service)))
        if "policy" in fields and not self.policy["Statement"]:
            clients.iam.delete_role_policy(RoleName=self.name, PolicyName=POLICY_NAME)
        elif "policy" in fields:
            clients.iam.put_role_policy(
                RoleName=self.name, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(self.policy)
            )

    def delete(self, clients: Clients) -> None:
        """Remove it with all policies, also those that were added by hand, for AWS keeps a role that has any."""
        for policy in clients.iam.list_attached_role_policies(RoleName=self.name)["AttachedPolicies"]:
            clients.iam.detach_role_policy(RoleName=self.name, PolicyArn=policy["PolicyArn"])
        for name in clients.iam.list_role_policies(RoleName=self.name)["PolicyNames"]:
            clients.iam.delete_role_policy(RoleName=self.name, PolicyName=name)
        clients.iam.delete_role(RoleName=self.name)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.iam.list_role_tags(RoleName=self.name)["Tags"])

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.iam.tag_role(RoleName=self.name, Tags=tags.as_list(self.stack))

    def _read_policy(self, clients: Clients) -> object:
        try:
            return clients.iam.get_role_policy(RoleName=self.name, PolicyName=POLICY_NAME)["PolicyDocument"]
        except clients.iam.exceptions.NoSuchEntityException:
            return None
