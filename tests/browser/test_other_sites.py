"""What a web page of another site can do with a sandbox, tried in a browser: nothing."""

import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from testkit.waiting import DEADLINE_SECONDS

SCRIPT = "<title>as it was</title><script>document.title = 'a script ran'</script>"
DELETE = "<Delete><Object><Key>stays</Key></Object></Delete>"
CREATE = "Action=CreateQueue&QueueName=made&Version=2012-11-05"
SEND = "(request) => fetch(request.url, {mode: 'no-cors', ...request.options}).then(() => 'sent', () => 'refused')"
IMAGE = """(url) => new Promise(done => {
    const image = new Image()
    image.referrerPolicy = 'no-referrer'
    image.onload = image.onerror = () => done('asked for')
    image.src = url
})"""
SUBMIT = """(form) => {
    document.body.innerHTML = `<form method="post" enctype="multipart/form-data" action="${form.url}">
        <input name="key" value="page.html"><input name="Content-Type" value="text/html">
        <textarea name="file">${form.script}</textarea></form>`
    document.forms[0].submit()
}"""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title><body></body>")

    def log_message(self, *_arguments: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def site_url() -> Iterator[str]:
    """A site on this machine: a browser lets none from elsewhere ask as much of a sandbox."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def site(chromium: Browser, site_url: str) -> Iterator[Page]:
    """A page that somebody else made."""
    context = chromium.new_context()
    context.set_default_timeout(DEADLINE_SECONDS * 1000)
    page = context.new_page()
    page.goto(site_url)
    yield page
    context.close()


@pytest.fixture(params=["localhost", "127.0.0.1"])
def sandbox(request: pytest.FixtureRequest, account: Clients) -> str:
    """Where the sandbox is."""
    return f"http://{request.param}:{urlsplit(str(account.settings.endpoint_url)).port}"


@pytest.fixture
def bucket(account: Clients) -> str:
    return account.bucket


@pytest.fixture
def keys(account: Clients, bucket: str) -> Callable[[], set[str]]:
    return lambda: {item["Key"] for item in account.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_a_form_uploads_nothing(site: Page, sandbox: str, bucket: str, keys: Callable[[], set[str]]) -> None:
    with site.expect_response(f"{sandbox}/**") as answered:
        site.evaluate(SUBMIT, {"url": f"{sandbox}/{bucket}", "script": SCRIPT})
    assert answered.value.status == 403
    assert "page.html" not in keys()


@pytest.mark.parametrize("body", [DELETE, CREATE])
def test_a_script_changes_nothing(site: Page, sandbox: str, account: Clients, body: str) -> None:
    account.s3.put_object(Bucket=account.bucket, Key="stays", Body=b"here")
    options = {"method": "POST", "body": body, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    url = f"{sandbox}/{account.bucket}?delete" if body == DELETE else sandbox
    with site.expect_response(f"{sandbox}/**") as answered:
        site.evaluate(SEND, {"url": url, "options": options})
    assert answered.value.status == 403
    assert account.s3.get_object(Bucket=account.bucket, Key="stays")["Body"].read() == b"here"


def test_a_picture_and_a_link_change_nothing(site: Page, sandbox: str) -> None:
    url = f"{sandbox}/?{CREATE}"
    with site.expect_response(f"{sandbox}/**") as answered:
        site.evaluate(IMAGE, url)
    assert answered.value.status == 403
    with site.expect_response(f"{sandbox}/**") as answered:
        site.evaluate("(url) => { location.href = url }", url)
    assert answered.value.status == 403


def test_a_script_reads_nothing(site: Page, sandbox: str) -> None:
    tried = site.evaluate(SEND, {"url": f"{sandbox}/_localstack/health", "options": {"mode": "cors"}})
    assert tried == "refused"


def test_an_object_that_is_opened_runs_no_script_and_reaches_nothing(
    chromium: Browser, sandbox: str, account: Clients, bucket: str
) -> None:
    account.s3.put_object(Bucket=bucket, Key="page.html", Body=SCRIPT.encode(), ContentType="text/html")
    signing = Clients(load_settings({"AWS_ENDPOINT_URL": sandbox})).s3
    page = chromium.new_context().new_page()
    answered = page.goto(signing.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "page.html"}))
    assert answered
    assert answered.status == 200
    assert page.title() == "as it was"
    # Even if one ran: its origin is nobody's.
    assert page.evaluate("self.origin") == "null"
    tried = page.evaluate(SEND, {"url": f"{sandbox}/_localstack/health", "options": {"mode": "cors"}})
    assert tried == "refused"
    page.context.close()
    account.s3.delete_object(Bucket=bucket, Key="page.html")
