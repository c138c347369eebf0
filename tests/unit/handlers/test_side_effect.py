"""sideEffect: something else that is done with a profile."""

import json
from http import HTTPStatus

import pytest

from handlers.shared.fetching import FetchError
from handlers.side_effect import lambda_handler
from tests.unit.handlers.fakes import FakeBus, FakeWeb
from tests.unit.handlers.samples import CONTEXT, sample


def test_the_profile_is_fetched_and_async_done_emitted(bus: FakeBus, web: FakeWeb) -> None:
    web.pages["basic-Ann Lee.json"] = b"{}"
    lambda_handler(sample("get_user_cookies"), CONTEXT)
    assert [entry["DetailType"] for entry in bus.entries] == ["async.done"]
    assert len(web.requests) == 1


@pytest.mark.usefixtures("bus")
def test_the_profile_is_logged(web: FakeWeb, capsys: pytest.CaptureFixture[str]) -> None:
    web.pages["basic-Ann Lee.json"] = b'{"city": "Leeds"}'
    lambda_handler(sample("get_user_cookies"), CONTEXT)
    assert json.loads(capsys.readouterr().out.splitlines()[1])["profile"] == {"city": "Leeds"}


def test_a_url_that_fails_is_an_error(bus: FakeBus, web: FakeWeb) -> None:
    web.status = HTTPStatus.NOT_FOUND
    with pytest.raises(FetchError, match="answered 404 Not Found"):
        lambda_handler(sample("get_user_cookies"), CONTEXT)
    assert bus.requests == 0
