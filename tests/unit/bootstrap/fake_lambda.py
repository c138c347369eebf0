"""IAM and Lambda, in memory."""

import base64
import hashlib
import json
from typing import Any

from tests.unit.bootstrap.fake_service import FakePages, FakeService, NotFoundError, Request, as_mapping, client_error

IN_PROGRESS = "InProgress"


class FakeIam(FakeService):
    """Roles and their policies."""

    def get_role(self, **request: Any) -> Request:
        return {"Role": {"AssumeRolePolicyDocument": self.find(request["RoleName"])["trust"]}}

    def create_role(self, **request: Any) -> None:
        trust = json.loads(request["AssumeRolePolicyDocument"])
        role = {"trust": trust, "policies": {}, "attached": set(), "tags": as_mapping(request["Tags"])}
        self.make("CreateRole", request["RoleName"], role)

    def update_assume_role_policy(self, **request: Any) -> None:
        self.change("UpdateAssumeRolePolicy", request["RoleName"], {"trust": json.loads(request["PolicyDocument"])})

    def get_role_policy(self, **request: Any) -> Request:
        policies = self.find(request["RoleName"])["policies"]
        if request["PolicyName"] not in policies:
            raise NotFoundError
        return {"PolicyDocument": policies[request["PolicyName"]]}

    def put_role_policy(self, **request: Any) -> None:
        policies = self.find(request["RoleName"])["policies"]
        self.account.write("PutRolePolicy", request["RoleName"])
        policies[request["PolicyName"]] = json.loads(request["PolicyDocument"])

    def list_role_policies(self, **request: Any) -> Request:
        return {"PolicyNames": list(self.find(request["RoleName"])["policies"])}

    def delete_role_policy(self, **request: Any) -> None:
        del self.find(request["RoleName"])["policies"][request["PolicyName"]]

    def list_attached_role_policies(self, **request: Any) -> Request:
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in self.find(request["RoleName"])["attached"]]}

    def detach_role_policy(self, **request: Any) -> None:
        self.find(request["RoleName"])["attached"].remove(request["PolicyArn"])

    def delete_role(self, **request: Any) -> None:
        self.remove("DeleteRole", request["RoleName"], "policies", "attached")

    def list_role_tags(self, **request: Any) -> Request:
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags_of(request["RoleName"]).items()]}

    def tag_role(self, **request: Any) -> None:
        self.tag("TagRole", request["RoleName"], as_mapping(request["Tags"]))

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda: [{"Roles": [{"RoleName": name, "Path": "/"} for name in self.things]}])


class FakeLambda(FakeService):
    """Functions, their permissions, and what becomes of their failures; an update is through once one looks."""

    def get_function_configuration(self, **request: Any) -> Request:
        function = self.find(request["FunctionName"])
        if function.get("LastUpdateStatus") == IN_PROGRESS:
            function |= function.get("update_ends", {"LastUpdateStatus": "Successful"})
        return dict(function)

    def create_function(self, **request: Any) -> None:
        if request["Role"].rpartition("/")[2] not in self.account.iam.things:
            raise client_error("InvalidParameterValueException", "CreateFunction", "no such role")
        code = digest(request.pop("Code")["ZipFile"])
        function = (
            request | {"tags": request.pop("Tags")} | {"CodeSha256": code, "permissions": [], "asynchronous": None}
        )
        self.make("CreateFunction", request["FunctionName"], function)

    def update_function_code(self, **request: Any) -> None:
        values = {"CodeSha256": digest(request["ZipFile"]), "State": "Active"}
        self.update("UpdateFunctionCode", request["FunctionName"], values)

    def update_function_configuration(self, **request: Any) -> None:
        self.update("UpdateFunctionConfiguration", request["FunctionName"], request)

    def update(self, operation: str, name: str, values: Request) -> None:
        """Begin an update, which no other one must be in the way of."""
        if self.find(name).get("LastUpdateStatus") == IN_PROGRESS:
            raise client_error("ResourceConflictException", operation, "an update is in progress")
        self.change(operation, name, values | {"LastUpdateStatus": IN_PROGRESS})

    def list_tags(self, **request: Any) -> Request:
        return {"Tags": self.tags_of(request["Resource"].rpartition(":")[2])}

    def tag_resource(self, **request: Any) -> None:
        self.tag("TagFunction", request["Resource"].rpartition(":")[2], request["Tags"])

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda: [{"Functions": [{"FunctionName": name} for name in self.things]}])

    def delete_function(self, **request: Any) -> None:
        self.remove("DeleteFunction", request["FunctionName"])

    def get_function_event_invoke_config(self, **request: Any) -> Request:
        if not (found := self.find(request["FunctionName"])["asynchronous"]):
            raise NotFoundError
        return dict(found)

    def put_function_event_invoke_config(self, **request: Any) -> None:
        self.change("PutFunctionEventInvokeConfig", request["FunctionName"], {"asynchronous": request})

    def delete_function_event_invoke_config(self, **request: Any) -> None:
        self.change("DeleteFunctionEventInvokeConfig", request["FunctionName"], {"asynchronous": None})

    def get_policy(self, **request: Any) -> Request:
        if not (statements := self.find(request["FunctionName"])["permissions"]):
            raise NotFoundError
        return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})}

    def add_permission(self, **request: Any) -> None:
        statements = self.find(request["FunctionName"])["permissions"]
        self.account.write("AddPermission", request["StatementId"])
        statements.append(
            {
                "Sid": request["StatementId"],
                "Effect": "Allow",
                "Principal": {"Service": request["Principal"]},
                "Action": request["Action"],
                "Resource": self.account.arns.function(request["FunctionName"]),
                "Condition": {"ArnLike": {"AWS:SourceArn": request["SourceArn"]}},
            }
        )

    def remove_permission(self, **request: Any) -> None:
        statements = self.find(request["FunctionName"])["permissions"]
        self.account.write("RemovePermission", request["StatementId"])
        statements[:] = [statement for statement in statements if statement["Sid"] != request["StatementId"]]


def digest(content: bytes) -> str:
    """How Lambda names a zip file."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
