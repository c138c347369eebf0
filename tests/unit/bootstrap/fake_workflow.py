"""EventBridge and Step Functions, in memory."""

import json
from typing import TYPE_CHECKING, Any

from tests.unit.bootstrap.fake_service import FakePages, FakeService, Request, as_mapping

if TYPE_CHECKING:
    from tests.unit.bootstrap.fake_account import FakeAccount


class FakeEvents(FakeService):
    """Rules and their targets, and the policy of the bus."""

    def __init__(self, account: "FakeAccount") -> None:
        super().__init__(account)
        self.statements: dict[str, Request] = {}

    def describe_rule(self, **request: Any) -> Request:
        return self.find(request["Name"])

    def put_rule(self, **request: Any) -> None:
        self.account.write("PutRule", request["Name"])
        kept = self.things.get(request["Name"], {"targets": {}, "tags": as_mapping(request["Tags"])})
        self.things[request["Name"]] = kept | {key: value for key, value in request.items() if key != "Tags"}

    def list_targets_by_rule(self, **request: Any) -> Request:
        return {"Targets": list(self.find(request["Rule"])["targets"].values())}

    def put_targets(self, **request: Any) -> Request:
        targets = self.find(request["Rule"])["targets"]
        self.account.write("PutTargets", request["Rule"])
        targets.update({target["Id"]: target for target in request["Targets"]})
        return {"FailedEntries": self.things[request["Rule"]].get("failed", [])}

    def remove_targets(self, **request: Any) -> Request:
        self.account.write("RemoveTargets", request["Rule"])
        for target in request["Ids"]:
            del self.find(request["Rule"])["targets"][target]
        return {"FailedEntries": []}

    def delete_rule(self, **request: Any) -> None:
        self.remove("DeleteRule", request["Name"], "targets")

    def list_tags_for_resource(self, **request: Any) -> Request:
        tags = self.tags_of(request["ResourceARN"].rpartition("/")[2])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, **request: Any) -> None:
        self.tag("TagRule", request["ResourceARN"].rpartition("/")[2], as_mapping(request["Tags"]))

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda EventBusName: [{"Rules": [{"Name": name} for name in self.things]}])  # noqa: N803

    def describe_event_bus(self, **_request: Any) -> Request:
        return {"Policy": json.dumps({"Statement": [*self.statements.values()]})} if self.statements else {}

    def put_permission(self, **request: Any) -> None:
        name, principal = request["StatementId"], {"AWS": f"arn:aws:iam::{request['Principal']}:root"}
        self.account.write("PutPermission", name)
        bus = self.account.arns.bus(request["EventBusName"])
        statement = {"Sid": name, "Effect": "Allow", "Principal": principal}
        self.statements[name] = statement | {"Action": request["Action"], "Resource": bus}

    def remove_permission(self, **request: Any) -> None:
        self.account.write("RemovePermission", request["StatementId"])
        del self.statements[request["StatementId"]]


class FakeStates(FakeService):
    """State machines, by ARN, and their running executions."""

    def describe_state_machine(self, **request: Any) -> Request:
        return self.find(request["stateMachineArn"])

    def create_state_machine(self, **request: Any) -> None:
        machine = request | {"running": [], "tags": as_mapping(request["tags"])}
        self.make("CreateStateMachine", self.account.arns.machine(request["name"]), machine)

    def update_state_machine(self, **request: Any) -> None:
        self.change("UpdateStateMachine", request["stateMachineArn"], request)

    def get_paginator(self, operation: str) -> FakePages:
        if operation == "list_state_machines":
            return FakePages(lambda: [{"stateMachines": [*map(self.summary, self.things)]}])
        return FakePages(lambda stateMachineArn, statusFilter: [self.executions(stateMachineArn)])  # noqa: N803

    def summary(self, arn: str) -> Request:
        """What a list says of a machine."""
        machine = self.find(arn)
        return {"stateMachineArn": arn, "name": machine["name"], "type": machine["type"]}

    def list_tags_for_resource(self, **request: Any) -> Request:
        return {"tags": [{"key": key, "value": value} for key, value in self.tags_of(request["resourceArn"]).items()]}

    def tag_resource(self, **request: Any) -> None:
        self.tag("TagStateMachine", request["resourceArn"], as_mapping(request["tags"]))

    def executions(self, machine: str) -> Request:
        """What runs."""
        return {"executions": [{"executionArn": arn} for arn in self.find(machine)["running"]]}

    def stop_execution(self, **request: Any) -> None:
        self.account.write("StopExecution", request["executionArn"])
        for machine in self.things.values():
            machine["running"] = [arn for arn in machine["running"] if arn != request["executionArn"]]

    def delete_state_machine(self, **request: Any) -> None:
        self.remove("DeleteStateMachine", request["stateMachineArn"], "running")
