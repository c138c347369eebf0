"""The runtime API answers the environment's own runtime, and only when it is its turn."""

import http.client
import threading
from typing import Any

import pytest

from emulator.environments.environment import Environment
from testkit.waiting import DEADLINE_SECONDS, wait_for
from tests.emulator.conftest import Announcements, MakeEnvironment, answer, invoke

FORGED = b'{"forged": true}'
VERSION = "/2018-06-01/runtime"


def ask(environment: Environment, method: str, path: str) -> int | None:
    """Ask an environment's runtime API as any process of this machine could: the status, or none if it hangs up."""
    assert environment._runtime
    connection = http.client.HTTPConnection(environment._runtime._api.address, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, VERSION + path, FORGED)
        return connection.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/invocation/next"),
        ("POST", "/invocation/request-1/response"),
        ("POST", "/invocation/request-1/error"),
        ("POST", "/init/error"),
    ],
)
def test_another_process_is_refused_and_changes_nothing(
    make_environment: MakeEnvironment, announcements: Announcements, method: str, path: str
) -> None:
    environment = make_environment()
    outcomes: list[Any] = []
    event = {"seconds": 0.3, "announce_to": announcements.address}
    invoking = threading.Thread(target=lambda: outcomes.append(invoke(environment, "wait", **event)))
    invoking.start()
    wait_for("the invocation", announcements.heard)
    assert ask(environment, method, path) in {403, None}
    invoking.join()
    assert answer(outcomes[0]) is None
    assert answer(invoke(environment, "count"))["calls"] == 2


def test_another_process_that_asks_between_invocations_changes_nothing(environment: Environment) -> None:
    invoke(environment, "count")
    asked: list[int | None] = []
    asking = threading.Thread(target=lambda: asked.append(ask(environment, "POST", "/invocation/request-1/response")))
    asking.start()
    assert answer(invoke(environment, "count"))["calls"] == 2
    invoke(environment, "wait", seconds=0.1)
    asking.join()
    assert asked[0] in {403, None}


def test_the_function_itself_cannot_answer_on_another_connection(environment: Environment) -> None:
    assert answer(invoke(environment, "answer_by_itself", request="request-1")) in {403, None}
    assert answer(invoke(environment, "count"))["calls"] == 2


def test_a_request_for_another_invocation_is_refused(make_environment: MakeEnvironment) -> None:
    environment = make_environment("speaks_for_itself.lambda_handler")
    assert answer(invoke(environment, "anything")) == {"refused": [403, 403, 403, 403]}
