"""The bucket: JSON objects, and URLs that let others read one."""

import json
import os
from typing import Any

import boto3
from botocore.config import Config

from handlers.shared.client_config import CLIENT_CONFIG
from handlers.shared.fetching import fetch_json
from handlers.shared.invocation import OBJECTS

PARALLEL_READS = 16
URL_LIFETIME_SECONDS = 15 * 60

S3 = boto3.client(
    "s3",
    config=CLIENT_CONFIG.merge(
        Config(
            signature_version="s3v4",
            # Else boto3 signs URLs for the global host, which redirects to a new bucket's region, where the
            # signature is wrong.
            s3={"addressing_style": "path"},
        )
    ),
)


def write_json(key: str, value: dict[str, Any]) -> None:
    """Store an object as JSON."""
    write_object(key, json.dumps(value).encode(), "application/json")


def write_object(key: str, body: bytes, content_type: str) -> None:
    """Store an object."""
    S3.put_object(Bucket=os.environ["BUCKET"], Key=key, Body=body, ContentType=content_type)
    OBJECTS.append("written")


def read_json(key: str) -> dict[str, Any]:
    """Read an object that `write_json` stored."""
    return fetch_json(presigned_url(key))


def presigned_url(key: str) -> str:
    """Sign a URL that anyone can read the object with, for a while."""
    return S3.generate_presigned_url(
        "get_object", Params={"Bucket": os.environ["BUCKET"], "Key": key}, ExpiresIn=URL_LIFETIME_SECONDS
    )
