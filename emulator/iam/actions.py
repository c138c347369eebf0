"""Which actions an operation takes, and on what: AWS's, not the operations' names."""

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from localstack.services.s3.utils import extract_bucket_key_version_id_from_copy_source

from emulator.iam.resources import Call, bus_arn, object_arn, resource_of
from emulator.iam.tokens import machine_of

TABLE = Path(__file__).with_name("operations.txt")
# Anyone with credentials may ask for these, whatever a policy says.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
OF_VERSIONS = {
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
    "s3:GetObject": "s3:GetObjectVersion",
    "s3:GetObjectAcl": "s3:GetObjectVersionAcl",
    "s3:GetObjectAttributes": "s3:GetObjectVersionAttributes",
    "s3:GetObjectTagging": "s3:GetObjectVersionTagging",
    "s3:PutObjectAcl": "s3:PutObjectVersionAcl",
    "s3:PutObjectTagging": "s3:PutObjectVersionTagging",
}
WRITES_OBJECT = {"PutObject", "CopyObject", "CreateMultipartUpload", "PostObject"}


class Access(NamedTuple):
    """An action on a resource."""

    action: str
    resource: str


class Operation(NamedTuple):
    """A line of the table: the action of an operation, and the kind of its resource."""

    action: str
    kind: str


@functools.cache
def operations() -> dict[tuple[str, str], Operation]:
    """What AWS asks for, by service and operation."""
    lines = (line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return {(service, name): Operation(action, kind) for service, name, action, kind in lines}


def accesses(call: Call) -> Iterable[Access]:
    """All that a call must be allowed to do.

    Raises:
        KeyError: The table does not know the operation.
    """
    operation = operations()[call.service, call.operation]
    # A token of nowhere is no token: the service will say so.
    if operation.action in FREE or (operation.kind == "task" and not machine_of(call.first("taskToken"))):
        return ()
    if call.service == "s3":
        return _of_s3(call, operation)
    if operation.action == "events:PutEvents":
        buses = dict.fromkeys(entry.get("EventBusName") for entry in call.parameters.get("Entries") or ())
        return [Access(operation.action, bus_arn(bus or "", call)) for bus in buses]
    found = [Access(operation.action, resource_of(operation.kind, call))]
    if call.operation == "CreateFunction" and (code := call.parameters.get("Code") or {}).get("S3Bucket"):
        found.append(Access("s3:GetObject", object_arn(code["S3Bucket"], code["S3Key"])))
    return found


def _of_s3(call: Call, operation: Operation) -> list[Access]:
    parameters = call.parameters
    if call.operation == "DeleteObjects":
        objects = (parameters.get("Delete") or {}).get("Objects") or ()
        return [_on_object(operation.action, parameters["Bucket"], one["Key"], one.get("VersionId")) for one in objects]
    action = OF_VERSIONS.get(operation.action, operation.action) if parameters.get("VersionId") else operation.action
    found = [Access(action, resource_of(operation.kind, call))]
    if call.operation in WRITES_OBJECT:
        also = (("s3:PutObjectTagging", "Tagging"), ("s3:PutObjectAcl", "ACL"))
        found += [Access(action, found[0].resource) for action, name in also if parameters.get(name)]
    if source := parameters.get("CopySource"):
        found.append(_source(source))
    return found


def _source(source: object) -> Access:
    """What a copy reads; LocalStack leaves it as the header has it, or as botocore takes it."""
    if isinstance(source, dict):
        return _on_object("s3:GetObject", source["Bucket"], source["Key"], source.get("VersionId"))
    return _on_object("s3:GetObject", *extract_bucket_key_version_id_from_copy_source(str(source)))


def _on_object(action: str, bucket: str, key: str, version: str | None) -> Access:
    return Access(OF_VERSIONS[action] if version else action, object_arn(bucket, key))
