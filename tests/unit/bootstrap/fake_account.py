"""An AWS account in memory: what the bootstrap calls, as strict as AWS about what must exist first, or be gone."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from itertools import batched
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.settings import Settings

ACCOUNT = "123456789012"
IN_PROGRESS = "InProgress"
SETTINGS = Settings(endpoint_url=None, region="eu-west-1", bucket=None, map_concurrency=2, port=4566)

Request = dict[str, Any]


class FakeAccount:
    """Stands in for `Clients`."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        self.account = ACCOUNT
        self.arns = Arns(ACCOUNT, settings.region)
        self.bucket = settings.bucket or "eventdriven-test"
        self.writes: list[str] = []
        self.refusals: dict[str, list[Exception]] = {}
        self.iam = FakeIam(self)
        self.lambda_ = FakeLambda(self)
        self.logs = FakeLogs(self)
        self.s3 = FakeS3(self)
        self.sqs = FakeSqs(self)
        self.events = FakeEvents(self)
        self.states = FakeStates(self)

    @property
    def clients(self) -> Clients:
        """Itself, as what the code under test takes."""
        return cast(Clients, self)

    def refuse(self, operation: str, code: str, message: str, times: int = 1) -> None:
        """Let the next calls of an operation fail."""
        self.refusals[operation] = [client_error(code, operation, message)] * times

    def write(self, operation: str, name: str) -> None:
        """Note a call that changes something, unless it is to fail."""
        if self.refusals.get(operation):
            raise self.refusals[operation].pop()
        self.writes.append(f"{operation} {name}")


def client_error(code: str, operation: str, message: str = "no") -> ClientError:
    """What boto3 raises when AWS refuses."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class NotFoundError(ClientError):
    """What AWS answers about a thing that is not there."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NotFound", "Message": "no such thing"}}, "Read")


class FakeService:
    """Things by name."""

    def __init__(self, account: FakeAccount) -> None:
        self.account = account
        self.things: dict[str, Request] = {}
        self.exceptions = SimpleNamespace(
            NoSuchEntityException=NotFoundError,
            NoSuchBucket=NotFoundError,
            QueueDoesNotExist=NotFoundError,
            ResourceNotFoundException=NotFoundError,
            StateMachineDoesNotExist=NotFoundError,
        )

    def find(self, name: str) -> Request:
        """The thing, which must exist."""
        if name not in self.things:
            raise NotFoundError
        return self.things[name]

    def make(self, operation: str, name: str, thing: Request) -> None:
        """Add a thing, which must not exist."""
        self.account.write(operation, name)
        if name in self.things:
            raise client_error("AlreadyExists", operation)
        self.things[name] = thing

    def change(self, operation: str, name: str, values: Request) -> None:
        """Change a thing, which must exist."""
        self.find(name)
        self.account.write(operation, name)
        self.things[name] |= values

    def remove(self, operation: str, name: str, *contents: str) -> None:
        """Remove a thing, which must exist and be without contents."""
        thing = self.find(name)
        self.account.write(operation, name)
        if any(thing[content] for content in contents):
            raise client_error("Conflict", operation, f"has {contents}")
        del self.things[name]


class FakeIam(FakeService):
    """Roles and their policies."""

    def get_role(self, **request: Any) -> Request:
        return {"Role": {"AssumeRolePolicyDocument": self.find(request["RoleName"])["trust"]}}

    def create_role(self, **request: Any) -> None:
        trust = json.loads(request["AssumeRolePolicyDocument"])
        self.make("CreateRole", request["RoleName"], {"trust": trust, "policies": {}, "attached": set()})

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
        function = request | {"CodeSha256": code, "permissions": [], "asynchronous": None}
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


class FakeLogs(FakeService):
    """Log groups and resource policies."""

    def __init__(self, account: FakeAccount) -> None:
        super().__init__(account)
        self.policies: dict[str, str] = {}

    def describe_log_groups(self, **request: Any) -> Request:
        prefix = request["logGroupNamePrefix"]
        return {
            "logGroups": [
                {"logGroupName": name} | group for name, group in self.things.items() if name.startswith(prefix)
            ]
        }

    def create_log_group(self, **request: Any) -> None:
        self.make("CreateLogGroup", request["logGroupName"], {})

    def put_retention_policy(self, **request: Any) -> None:
        self.change("PutRetentionPolicy", request["logGroupName"], {"retentionInDays": request["retentionInDays"]})

    def delete_log_group(self, **request: Any) -> None:
        self.remove("DeleteLogGroup", request["logGroupName"])

    def get_paginator(self, _operation: str) -> "FakePages":
        policies = [{"policyName": name, "policyDocument": text} for name, text in self.policies.items()]
        return FakePages(lambda: [{"resourcePolicies": policies}])

    def put_resource_policy(self, **request: Any) -> None:
        self.account.write("PutResourcePolicy", request["policyName"])
        self.policies[request["policyName"]] = request["policyDocument"]

    def delete_resource_policy(self, **request: Any) -> None:
        self.account.write("DeleteResourcePolicy", request["policyName"])
        del self.policies[request["policyName"]]


class FakePages:
    """A paginator."""

    def __init__(self, pages: Callable[..., Iterable[Request]]) -> None:
        self.paginate = pages


class FakeS3(FakeService):
    """Buckets; each object is a key, a version, and whether that is a delete marker."""

    def get_bucket_tagging(self, **request: Any) -> Request:
        if not (tags := self.find(request["Bucket"])["tags"]):
            raise client_error("NoSuchTagSet", "GetBucketTagging")
        return {"TagSet": tags}

    def put_bucket_tagging(self, **request: Any) -> None:
        self.change("PutBucketTagging", request["Bucket"], {"tags": request["Tagging"]["TagSet"]})

    def get_public_access_block(self, **request: Any) -> Request:
        if not (block := self.find(request["Bucket"])["block"]):
            raise client_error("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock")
        return {"PublicAccessBlockConfiguration": block}

    def put_public_access_block(self, **request: Any) -> None:
        block = request["PublicAccessBlockConfiguration"]
        self.change("PutPublicAccessBlock", request["Bucket"], {"block": block})

    def create_bucket(self, **request: Any) -> None:
        location = request.get("CreateBucketConfiguration")
        self.make("CreateBucket", request["Bucket"], {"location": location, "tags": [], "block": None, "objects": []})

    def list_object_versions(self, **request: Any) -> Request:
        return self.page(self.find(request["Bucket"])["objects"][: request["MaxKeys"]])

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda Bucket: map(self.page, batched(self.find(Bucket)["objects"], 1000, strict=False)))  # noqa: N803

    def page(self, objects: Iterable[tuple[str, str, bool]]) -> Request:
        """A page of versions and delete markers; AWS leaves out what it has none of."""
        versions = [{"Key": key, "VersionId": version} for key, version, marker in objects if not marker]
        markers = [{"Key": key, "VersionId": version} for key, version, marker in objects if marker]
        return ({"Versions": versions} if versions else {}) | ({"DeleteMarkers": markers} if markers else {})

    def delete_objects(self, **request: Any) -> Request:
        self.account.write("DeleteObjects", request["Bucket"])
        deleted = {(item["Key"], item["VersionId"]) for item in request["Delete"]["Objects"]}
        bucket = self.find(request["Bucket"])
        bucket["objects"] = [item for item in bucket["objects"] if item[:2] not in deleted]
        return {"Errors": bucket.get("errors", [])}

    def delete_bucket(self, **request: Any) -> None:
        self.remove("DeleteBucket", request["Bucket"], "objects")


class FakeSqs(FakeService):
    """Queues; the URL of each is its name."""

    def get_queue_url(self, **request: Any) -> Request:
        self.find(request["QueueName"])
        return {"QueueUrl": request["QueueName"]}

    def get_queue_attributes(self, **request: Any) -> Request:
        attributes = self.find(request["QueueUrl"])
        return {"Attributes": {name: attributes[name] for name in request["AttributeNames"]}}

    def create_queue(self, **request: Any) -> None:
        self.make("CreateQueue", request["QueueName"], request["Attributes"])

    def set_queue_attributes(self, **request: Any) -> None:
        self.change("SetQueueAttributes", request["QueueUrl"], request["Attributes"])

    def delete_queue(self, **request: Any) -> None:
        self.remove("DeleteQueue", request["QueueUrl"])


class FakeEvents(FakeService):
    """Rules and their targets."""

    def describe_rule(self, **request: Any) -> Request:
        return self.find(request["Name"])

    def put_rule(self, **request: Any) -> None:
        self.account.write("PutRule", request["Name"])
        targets = self.things.get(request["Name"], {}).get("targets", {})
        self.things[request["Name"]] = {"targets": targets} | request

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


class FakeStates(FakeService):
    """State machines, by ARN, and their running executions."""

    def describe_state_machine(self, **request: Any) -> Request:
        return self.find(request["stateMachineArn"])

    def create_state_machine(self, **request: Any) -> None:
        self.make("CreateStateMachine", self.account.arns.machine(request["name"]), request | {"running": []})

    def update_state_machine(self, **request: Any) -> None:
        self.change("UpdateStateMachine", request["stateMachineArn"], request)

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda stateMachineArn, statusFilter: [self.executions(stateMachineArn)])  # noqa: N803

    def executions(self, machine: str) -> Request:
        """What runs."""
        return {"executions": [{"executionArn": arn} for arn in self.find(machine)["running"]]}

    def stop_execution(self, **request: Any) -> None:
        self.account.write("StopExecution", request["executionArn"])
        for machine in self.things.values():
            machine["running"] = [arn for arn in machine["running"] if arn != request["executionArn"]]

    def delete_state_machine(self, **request: Any) -> None:
        self.remove("DeleteStateMachine", request["stateMachineArn"], "running")
