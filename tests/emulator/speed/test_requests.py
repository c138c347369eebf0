"""What a request says is understood in full, though LocalStack looks at less of it."""

import json
import os
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from localstack.utils import strings
from localstack.utils.xray import traceid

from emulator.server import Server
from emulator.speed.requests import draw_ids_quickly
from testkit.waiting import wait_for


@pytest.fixture
def session() -> boto3.Session:
    return boto3.Session("test", "test", region_name="us-east-1")


@pytest.fixture
def stored(localstack: Server, session: boto3.Session) -> Any:
    bucket = session.resource("s3", endpoint_url=localstack.endpoint_url).Bucket(f"bucket-{uuid.uuid4().hex[:8]}")
    bucket.create()
    bucket.put_object(Key="a/key", Body=b"0123456789", ContentType="text/plain", Metadata={"who": "me"})
    return bucket.Object("a/key")


def test_headers_of_an_upload_come_back_with_the_object(stored: Any) -> None:
    answer = stored.get()
    assert (answer["ContentType"], answer["Metadata"], answer["ContentLength"]) == ("text/plain", {"who": "me"}, 10)
    assert abs(answer["LastModified"] - datetime.now(UTC)) < timedelta(days=1)


def test_parameters_in_headers_and_query_are_heeded(stored: Any) -> None:
    part = stored.get(Range="bytes=2-4", ResponseContentType="text/html")
    assert (part["Body"].read(), part["ContentType"]) == (b"234", "text/html")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        stored.get(IfMatch='"another"')
    with pytest.raises(ClientError, match="PreconditionFailed"):
        stored.put(Body=b"", IfNoneMatch="*")


def test_parameters_of_a_list_and_in_a_body_are_heeded(stored: Any) -> None:
    client, bucket = stored.meta.client, stored.bucket_name
    attributes = client.get_object_attributes(Bucket=bucket, Key=stored.key, ObjectAttributes=["ETag", "ObjectSize"])
    assert attributes["ObjectSize"] == 10
    client.put_object_tagging(Bucket=bucket, Key=stored.key, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert client.get_object_tagging(Bucket=bucket, Key=stored.key)["TagSet"] == [{"Key": "k", "Value": "v"}]
    listed = client.list_objects_v2(Bucket=bucket, Prefix="a/", MaxKeys=1)
    assert [found["Key"] for found in listed["Contents"]] == ["a/key"]
    client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/key"}, {"Key": "none"}]})
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_an_object_that_changes_has_another_date(stored: Any) -> None:
    first = stored.last_modified

    def changed() -> bool:
        stored.put(Body=b"again")
        stored.reload()
        return bool(stored.last_modified > first)

    wait_for("a later date", changed)


def test_the_pages_of_localstack_are_served_whatever_a_client_says(localstack: Server) -> None:
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, Signature=none"}
    request = urllib.request.Request(f"{localstack.endpoint_url}/_localstack/health", headers=signed)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - of this loopback
        assert "services" in json.load(answer)


def test_a_queue_answers_at_its_own_url(localstack: Server, session: boto3.Session) -> None:
    queue = session.resource("sqs", endpoint_url=localstack.endpoint_url).create_queue(QueueName="own-url")
    path = queue.url.split("/", 3)[3]
    signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, Signature=none"
    url = f"{localstack.endpoint_url}/{path}?Action=GetQueueAttributes"
    request = urllib.request.Request(url, headers={"Authorization": signed})  # noqa: S310 - of this loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert b"<GetQueueAttributesResponse" in answer.read()


def test_reading_a_queue_at_its_developer_page_hides_nothing(localstack: Server, session: boto3.Session) -> None:
    sqs = session.client("sqs", endpoint_url=localstack.endpoint_url)
    url = sqs.create_queue(QueueName="developer-page")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one")
    page = session.client("sqs", endpoint_url=f"{localstack.endpoint_url}/_aws/sqs/messages")
    for reader in (page, page, sqs):
        assert [message["Body"] for message in reader.receive_message(QueueUrl=url)["Messages"]] == ["one"]


@pytest.mark.parametrize("path", ["/_localstack/health", "/_localstack/info", "/_aws/lambda/runtimes"])
@pytest.mark.parametrize("service", ["s3", "events", "sqs", "lambda"])
def test_no_page_of_localstack_is_taken_for_a_service(localstack: Server, path: str, service: str) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, Signature=none"
    headers = {"Authorization": signed, "X-Amz-Target": "AWSEvents.PutEvents"}
    request = urllib.request.Request(localstack.endpoint_url + path, headers=headers)  # noqa: S310 - of this loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert isinstance(json.load(answer), dict)


def test_put_events_is_one_at_the_root_only(localstack: Server) -> None:
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, Signature=none",
        "X-Amz-Target": "AWSEvents.PutEvents",
        "Content-Type": "application/x-amz-json-1.1",
    }
    request = urllib.request.Request(f"{localstack.endpoint_url}/_localstack/nothing", b'{"Entries":[]}', headers)  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)  # noqa: S310
    assert raised.value.code == 404


@pytest.mark.parametrize(("accept", "kind"), [("application/json", "json"), ("text/xml", "xml"), (None, "xml")])
def test_an_answer_has_the_type_that_the_client_accepts(localstack: Server, accept: str | None, kind: str) -> None:
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, Signature=none",
        "Content-Type": "application/x-www-form-urlencoded",
        **({"Accept": accept} if accept else {}),
    }
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    request = urllib.request.Request(localstack.endpoint_url, body, headers)  # noqa: S310
    for _time in range(2):
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert kind in answer.headers["Content-Type"]


def test_ids_are_random_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strings, "uuid", uuid)
    monkeypatch.setattr(traceid, "os", os)
    draw_ids_quickly()
    drawn = {strings.long_uid() for _number in range(1000)}
    assert len(drawn) == 1000
    assert {uuid.UUID(one).version for one in drawn} == {4}
    traces = {traceid.TraceId().to_id().rpartition("-")[2] for _number in range(1000)}
    assert len(traces) == 1000
    assert {len(one) for one in traces} == {24}
