"""CloudWatch Logs, S3 and SQS, in memory."""

import io
from collections.abc import Iterable
from itertools import batched
from typing import TYPE_CHECKING, Any

from tests.unit.bootstrap.fake_service import FakePages, FakeService, NotFoundError, Request, client_error

if TYPE_CHECKING:
    from tests.unit.bootstrap.fake_account import FakeAccount


class FakeLogs(FakeService):
    """Log groups and resource policies."""

    def __init__(self, account: "FakeAccount") -> None:
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
        self.make("CreateLogGroup", request["logGroupName"], {"tags": request["tags"]})

    def put_retention_policy(self, **request: Any) -> None:
        self.change("PutRetentionPolicy", request["logGroupName"], {"retentionInDays": request["retentionInDays"]})

    def delete_log_group(self, **request: Any) -> None:
        self.remove("DeleteLogGroup", request["logGroupName"])

    def list_tags_for_resource(self, **request: Any) -> Request:
        return {"tags": self.tags_of(request["resourceArn"].rpartition(":")[2])}

    def tag_resource(self, **request: Any) -> None:
        self.tag("TagLogGroup", request["resourceArn"].rpartition(":")[2], request["tags"])

    def get_paginator(self, operation: str) -> FakePages:
        if operation == "describe_log_groups":
            return FakePages(lambda: [self.describe_log_groups(logGroupNamePrefix="")])
        policies = [{"policyName": name, "policyDocument": text} for name, text in self.policies.items()]
        return FakePages(lambda: [{"resourcePolicies": policies}])

    def put_resource_policy(self, **request: Any) -> None:
        self.account.write("PutResourcePolicy", request["policyName"])
        self.policies[request["policyName"]] = request["policyDocument"]

    def delete_resource_policy(self, **request: Any) -> None:
        self.account.write("DeleteResourcePolicy", request["policyName"])
        del self.policies[request["policyName"]]


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

    def put_object(self, **request: Any) -> None:
        bucket = self.find(request["Bucket"])
        self.account.write("PutObject", request["Key"])
        self.delete_object(**request)
        bucket["objects"].append((request["Key"], "null", False))
        bucket.setdefault("bodies", {})[request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> Request:
        bodies = self.find(request["Bucket"]).get("bodies", {})
        if not any(key == request["Key"] for key, _version, _marker in self.find(request["Bucket"])["objects"]):
            raise NotFoundError
        return {"Body": io.BytesIO(bodies[request["Key"]])}

    def delete_object(self, **request: Any) -> None:
        bucket = self.find(request["Bucket"])
        bucket["objects"] = [item for item in bucket["objects"] if item[0] != request["Key"]]

    def get_paginator(self, operation: str) -> FakePages:
        if operation == "list_buckets":
            return FakePages(lambda BucketRegion: [{"Buckets": [{"Name": name} for name in self.things]}])  # noqa: N803
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
        return {"Attributes": {name: attributes[name] for name in request["AttributeNames"] if attributes.get(name)}}

    def create_queue(self, **request: Any) -> None:
        self.make("CreateQueue", request["QueueName"], request["Attributes"] | {"tags": request["tags"]})

    def set_queue_attributes(self, **request: Any) -> None:
        self.change("SetQueueAttributes", request["QueueUrl"], request["Attributes"])

    def delete_queue(self, **request: Any) -> None:
        self.remove("DeleteQueue", request["QueueUrl"])

    def list_queue_tags(self, **request: Any) -> Request:
        return {"Tags": tags} if (tags := self.tags_of(request["QueueUrl"])) else {}

    def tag_queue(self, **request: Any) -> None:
        self.tag("TagQueue", request["QueueUrl"], request["Tags"])

    def get_paginator(self, _operation: str) -> FakePages:
        return FakePages(lambda: [{"QueueUrls": [*self.things]} if self.things else {}])
