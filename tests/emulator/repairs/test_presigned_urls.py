"""URLs and forms that boto3 signs: in both versions, with a session's token and without."""

import http.client
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from testkit.waiting import wait_for
from tests.clients import client_at

KEYS = ("plain", "a b+c=d&e", "grün/日本", "q?a=b#c", "100%", "x//y")
CONTENT = b"0123456789"


class Signer:
    """Signs, and uses what it signed."""

    def __init__(self, endpoint_url: str, s3: Any) -> None:
        self._place = urlsplit(endpoint_url).netloc
        self.s3 = s3
        self.bucket = f"signed-{uuid.uuid4().hex[:8]}"
        self.s3.create_bucket(Bucket=self.bucket)

    def url(self, operation: str, key: str, **more: Any) -> str:
        """A URL for an operation on an object."""
        url: str = self.s3.generate_presigned_url(operation, Params={"Bucket": self.bucket, "Key": key, **more})
        return url

    def ask(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, Any]:
        """What the URL is answered with."""
        connection = http.client.HTTPConnection(self._place, timeout=30)
        parts = urlsplit(url)
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        response = connection.getresponse()
        answer = response.status, response.read(), response.headers
        connection.close()
        return answer

    def post(self, url: str, fields: dict[str, str]) -> tuple[int, bytes, Any]:
        """What a form with a file in it is answered with."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
        parts = [head.format(name, value) for name, value in fields.items()]
        body = "".join([*parts, head.format('file"; filename="f', "x"), f"--{boundary}--\r\n"])
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.ask("POST", url, body.encode(), headers)


def _role(endpoint_url: str) -> str:
    """The ARN of a new role that may do what is signed here."""
    iam = client_at(endpoint_url, "iam")
    name = f"signer-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=_document(allowed))
    return arn


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module", params=[("s3", False), ("s3", True), ("s3v4", False), ("s3v4", True)], ids=str)
def s3(endpoint_url: str, request: pytest.FixtureRequest) -> Any:
    """A client that signs in a version, in a session or not."""
    version, in_session = request.param
    session = boto3.Session("test", "test", region_name="us-east-1")
    if in_session:
        sts = client_at(endpoint_url, "sts")
        given = sts.assume_role(RoleArn=_role(endpoint_url), RoleSessionName="signer")["Credentials"]
        keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        session = boto3.Session(*keys, region_name="us-east-1")
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    return session.client("s3", endpoint_url=endpoint_url, config=config)


@pytest.fixture
def signer(endpoint_url: str, s3: Any) -> Signer:
    return Signer(endpoint_url, s3)


def test_an_object_of_any_name_is_put_read_looked_at_and_deleted(signer: Signer) -> None:
    for key in KEYS:
        assert signer.ask("PUT", signer.url("put_object", key), CONTENT)[0] == 200
        assert signer.ask("GET", signer.url("get_object", key))[:2] == (200, CONTENT)
        assert signer.ask("HEAD", signer.url("head_object", key))[0] == 200
        assert signer.ask("DELETE", signer.url("delete_object", key))[0] == 204
        assert signer.ask("GET", signer.url("get_object", key))[0] == 404


def test_what_is_signed_with_it_counts(signer: Signer) -> None:
    url = signer.url("put_object", "key", ContentType="image/png", Metadata={"a": "b"})
    headers = {"Content-Type": "image/png", "x-amz-meta-a": "b"}
    assert signer.ask("PUT", url, CONTENT, headers)[0] == 200
    assert signer.ask("PUT", url, CONTENT, headers | {"Content-Type": "text/html"})[0] == 403
    assert signer.s3.head_object(Bucket=signer.bucket, Key="key")["Metadata"] == {"a": "b"}
    url = signer.url("get_object", "key", ResponseContentType="text/own", ResponseCacheControl="no-store")
    status, _content, answered = signer.ask("GET", url, headers={"Range": "bytes=2-4"})
    assert (status, answered["Content-Type"], answered["Cache-Control"]) == (206, "text/own", "no-store")


def test_nothing_else_is_allowed_by_it(signer: Signer) -> None:
    signer.ask("PUT", signer.url("put_object", "key"), CONTENT)
    url = signer.url("get_object", "key")
    for method, other in [
        ("GET", url.replace("/key?", "/other?")),
        ("DELETE", url),
        ("PUT", url),
        ("GET", url + "&response-content-type=text%2Fhtml"),
    ]:
        assert signer.ask(method, other)[0] == 403
    token = "X-Amz-Security-Token=" if "X-Amz-Security-Token=" in url else "x-amz-security-token="
    if token in url:
        assert signer.ask("GET", url.replace(token, f"{token}x"))[0] == 403


def test_it_ends(signer: Signer) -> None:
    signer.ask("PUT", signer.url("put_object", "key"), CONTENT)
    parameters = {"Bucket": signer.bucket, "Key": "key"}
    url = signer.s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=1)
    wait_for("its end", lambda: signer.ask("GET", url)[0] == 403)
    content = signer.ask("GET", url)[1]
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in content.replace(b"\n", b"")


def test_a_form_is_taken_as_it_was_signed_and_no_other(signer: Signer) -> None:
    form = signer.s3.generate_presigned_post(signer.bucket, "posted")
    assert signer.post(form["url"], form["fields"])[0] == 204
    assert signer.s3.get_object(Bucket=signer.bucket, Key="posted")["Body"].read() == b"x"
    other = signer.s3.generate_presigned_post(signer.bucket, "other")["fields"]
    status, content, _headers = signer.post(form["url"], {**form["fields"], "key": "other", "policy": other["policy"]})
    assert status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in content


def test_a_form_without_its_signature_is_told_what_is_missing(signer: Signer) -> None:
    form = signer.s3.generate_presigned_post(signer.bucket, "posted")
    unsigned = {name: value for name, value in form["fields"].items() if "signature" not in name.lower()}
    status, content, _headers = signer.post(form["url"], unsigned)
    assert (status, b"<Code>InvalidArgument</Code>" in content) == (400, True)
    assert b"Signature'.  If it is specified, please check the order of the fields." in content
