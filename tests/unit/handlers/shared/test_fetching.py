"""Fetching a profile."""

from http import HTTPStatus
from http.client import RemoteDisconnected

import pytest

from handlers.shared import fetching
from handlers.shared.fetching import MAX_OBJECT_BYTES, FetchError, UnavailableError, fetch_json
from tests.unit.handlers.fakes import FakeWeb

URL = "https://bucket.test/basic-Ann%20Lee.json?X-Amz-Signature=5ec4e7"
PAGE = "basic-Ann Lee.json"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_profile_is_fetched_with_path_and_signature_as_given(web: FakeWeb, scheme: str) -> None:
    web.pages[PAGE] = b'{"name": "Ann Lee"}'
    profile = fetch_json(f"{scheme}://bucket.test:4566/basic-Ann%20Lee.json?X-Amz-Signature=5ec4e7")
    assert profile == {"name": "Ann Lee"}
    assert web.requests == [("GET", "bucket.test:4566", "/basic-Ann%20Lee.json?X-Amz-Signature=5ec4e7")]


def test_the_wait_is_bounded_and_the_connection_kept(web: FakeWeb) -> None:
    web.pages[PAGE] = b"{}"
    fetch_json(URL)
    fetch_json(URL)
    assert (web.timeouts, web.closed) == ([10], 0)


def test_each_server_has_a_connection_of_its_own(web: FakeWeb) -> None:
    web.pages[PAGE] = b"{}"
    fetch_json(URL)
    fetch_json(URL.replace("bucket", "other"))
    assert [host for _method, host, _target in web.requests] == ["bucket.test", "other.test"]


def test_a_kept_connection_that_is_closed_by_now_is_opened_again_at_once(
    web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages[PAGE] = b"{}"
    web.error = RemoteDisconnected("gone")

    def wait(seconds: float) -> None:
        web.waits.append(seconds)
        web.error = None

    monkeypatch.setattr(fetching.get.retry, "sleep", wait)
    assert fetch_json(URL) == {}
    assert (web.waits, web.closed) == ([0], 1)


@pytest.mark.parametrize("url", ["", "bucket.test/x", "file:///etc/passwd", "ftp://bucket.test/x", "http://a.test/a b"])
def test_only_http_and_https_urls_are_fetched(web: FakeWeb, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch_json(url)
    assert repr(url) in str(caught.value)
    assert web.timeouts == []


@pytest.mark.parametrize("url", ["http://[::1/x", "http://bucket.test:port/x"])
def test_a_malformed_url_is_an_error_that_names_it(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch_json(url)
    assert url in str(caught.value)


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.TEMPORARY_REDIRECT])
def test_a_status_that_stays_is_an_error_at_once_that_names_it(web: FakeWeb, status: HTTPStatus) -> None:
    web.status = status
    with pytest.raises(FetchError, match=f"basic-Ann%20Lee.json answered {status.value} {status.phrase}"):
        fetch_json(URL)
    assert web.waits == []


@pytest.mark.parametrize(
    "status", [HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE]
)
def test_a_status_that_passes_is_waited_out_for_a_while(web: FakeWeb, status: HTTPStatus) -> None:
    web.status = status
    with pytest.raises(UnavailableError, match=f"answered {status.value} {status.phrase}"):
        fetch_json(URL)
    assert (len(web.requests), len(web.waits)) == (4, 3)
    assert sum(web.waits) <= 1


def test_a_profile_is_fetched_when_the_server_has_recovered(web: FakeWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    web.pages[PAGE] = b"{}"
    web.error = ConnectionResetError("reset")
    monkeypatch.setattr(fetching.get.retry, "sleep", lambda _seconds: setattr(web, "error", None))
    assert fetch_json(URL) == {}


@pytest.mark.parametrize(
    "error", [TimeoutError("timed out"), ConnectionRefusedError("refused"), RemoteDisconnected("gone")]
)
def test_a_failed_connection_is_an_error_that_says_why(web: FakeWeb, error: Exception) -> None:
    web.error = error
    with pytest.raises(UnavailableError, match=f"failed: {error}") as caught:
        fetch_json(URL)
    assert caught.value.__cause__ is error
    assert web.closed == 4


def test_a_profile_may_have_a_mebibyte_and_no_more(web: FakeWeb) -> None:
    web.pages[PAGE] = b'{"name": "Ann Lee"}'.ljust(MAX_OBJECT_BYTES)
    assert fetch_json(URL) == {"name": "Ann Lee"}
    web.pages[PAGE] += b"  "
    with pytest.raises(FetchError, match="is over 1,048,576 bytes"):
        fetch_json(URL)
    assert web.closed == 1


@pytest.mark.parametrize("body", [b"", b"<Error/>", b'{"name"', b"\xff"])
def test_what_is_not_json_is_no_profile(web: FakeWeb, body: bytes) -> None:
    web.pages[PAGE] = body
    with pytest.raises(FetchError, match="is not JSON"):
        fetch_json(URL)


@pytest.mark.parametrize("body", [b"[]", b'"Ann Lee"', b"null"])
def test_what_is_not_an_object_is_no_profile(web: FakeWeb, body: bytes) -> None:
    web.pages[PAGE] = body
    with pytest.raises(FetchError, match="not an object"):
        fetch_json(URL)


@pytest.mark.parametrize("body", [b"", b"[]", b" " * MAX_OBJECT_BYTES + b" "])
@pytest.mark.parametrize("status", [HTTPStatus.OK, HTTPStatus.FORBIDDEN])
def test_no_error_shows_the_signature(web: FakeWeb, status: HTTPStatus, body: bytes) -> None:
    web.status = status
    web.pages[PAGE] = body
    with pytest.raises(FetchError) as caught:
        fetch_json(URL)
    assert "5ec4e7" not in str(caught.value)
