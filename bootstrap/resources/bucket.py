"""The bucket that holds what passes between steps."""

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from botocore.exceptions import ClientError

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.errors import RefusedError
from bootstrap.resources.resource import Fields

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import (
        ListObjectVersionsOutputTypeDef,
        ObjectIdentifierTypeDef,
        PublicAccessBlockConfigurationTypeDef,
        TagTypeDef,
    )

# The one region that CreateBucket does not take as a location.
HOME_REGION = "us-east-1"
PRIVATE: "PublicAccessBlockConfigurationTypeDef" = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True)
class Bucket:
    """A private bucket, with a tag that says whose it is, because `down` empties it.

    Args:
        name: The bucket's name.
        stack: The stack that it is for.
    """

    kind: ClassVar[str] = "bucket"
    name: str
    stack: str

    def desired(self) -> Fields:
        """How it should be."""
        return {"stack": self.stack, "public access block": PRIVATE}

    def read(self, clients: Clients) -> Fields | None:
        """How it is."""
        try:
            found = self._tags(clients)
        except clients.s3.exceptions.NoSuchBucket:
            return None
        return {"stack": tags.owner(found), "public access block": self._public_access_block(clients)}

    def create(self, clients: Clients) -> None:
        """Make it, then mark it and close it to the public."""
        region = clients.settings.region
        if region == HOME_REGION:
            clients.s3.create_bucket(Bucket=self.name)
        else:
            # The types list the regions of their day.
            clients.s3.create_bucket(
                Bucket=self.name,
                CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]
            )
        self.claim(clients)
        self.update(clients, {"public access block"})

    def update(self, clients: Clients, _fields: Set[str]) -> None:
        """Close it to the public."""
        clients.s3.put_public_access_block(Bucket=self.name, PublicAccessBlockConfiguration=PRIVATE)

    def delete(self, clients: Clients) -> None:
        """Empty it, every version of every object, and remove it."""
        self._refuse_others(clients)
        for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=self.name):
            self._delete_objects(clients, page)
        clients.s3.delete_bucket(Bucket=self.name)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(self._tags(clients))

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack, unless it may be someone else's."""
        self._refuse_others(clients)
        others = [tag for tag in self._tags(clients) if tag["Key"] != tags.KEY]
        clients.s3.put_bucket_tagging(
            Bucket=self.name, Tagging={"TagSet": [*others, {"Key": tags.KEY, "Value": self.stack}]}
        )

    def _refuse_others(self, clients: Clients) -> None:
        owner = self.owner(clients)
        if owner == self.stack:
            return
        tags.refuse_others(self.kind, self.name, self.stack, owner)
        if clients.s3.list_object_versions(Bucket=self.name, MaxKeys=1).keys() & {"Versions", "DeleteMarkers"}:
            raise RefusedError(
                f"bucket {self.name} holds objects and was not made for the stack, which would delete them:"
                " set BUCKET to another name"
            )

    def _delete_objects(self, clients: Clients, page: "ListObjectVersionsOutputTypeDef") -> None:
        versions: list[ObjectIdentifierTypeDef] = [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        if not versions:
            return
        answer = clients.s3.delete_objects(Bucket=self.name, Delete={"Objects": versions, "Quiet": True})
        for error in answer.get("Errors", []):
            raise RefusedError(
                f"bucket {self.name}: DeleteObjects: {error['Code']}: {error['Message']} ({error['Key']})"
            )

    def _tags(self, clients: Clients) -> "list[TagTypeDef]":
        try:
            return clients.s3.get_bucket_tagging(Bucket=self.name)["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchTagSet":
                return []
            raise

    def _public_access_block(self, clients: Clients) -> object:
        try:
            return clients.s3.get_public_access_block(Bucket=self.name)["PublicAccessBlockConfiguration"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration":
                return None
            raise
