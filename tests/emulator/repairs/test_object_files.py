"""Two sandboxes on one machine have nothing to do with each other, also where their buckets have the same name."""

from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bootstrap.settings import load_settings
from emulator.server import Server
from testkit.sandbox import running_server

BYTES_NOT_KEPT_IN_MEMORY = 600 * 1024


def bucket_of(server: Server) -> Any:
    """A bucket; what its service cannot do is not tried again."""
    once = Config(retries={"total_max_attempts": 1})
    session = boto3.Session("test", "test", region_name="us-east-1")
    bucket = session.resource("s3", endpoint_url=server.endpoint_url, config=once).Bucket("of-both")
    bucket.create()
    return bucket


def test_a_bucket_that_is_deleted_in_the_one_is_as_it_was_in_the_other(localstack: Server, tmp_path: Path) -> None:
    with running_server(tmp_path, load_settings()) as other:
        kept, deleted = bucket_of(localstack), bucket_of(other)
        deleted.put_object(Key="key").delete()
        deleted.delete()
        content = b"x" * BYTES_NOT_KEPT_IN_MEMORY
        stored = kept.put_object(Key="key", Body=content)
        assert stored.get()["Body"].read() == content
        stored.delete()
        kept.delete()
