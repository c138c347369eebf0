"""What becomes of a handler's error."""

import json

import pytest

from handlers.shared import emit
from handlers.shared.errors import PermanentError
from handlers.shared.events import EventBridgeEvent
from handlers.shared.failure import MAX_MESSAGE_CHARACTERS, answers_failure
from handlers.shared.invocation import Context, Handler
from tests.unit.handlers.fakes import FakeBus
from tests.unit.handlers.samples import CONTEXT, sample

MAX_CAUSE_CHARACTERS = 32_768


class OddError(PermanentError):
    """An error that stays."""


def failing(error: Exception) -> Handler:
    """A handler that raises."""

    @answers_failure
    def handler(_event: EventBridgeEvent, _context: Context) -> None:
        raise error

    return handler


def test_an_error_that_stays_is_answered_with_all_that_is_known_of_it(bus: FakeBus) -> None:
    failing(OddError("odd"))(sample("get_user_profile"), CONTEXT)
    assert bus.failure == {
        "function": "theFunction",
        "error": "OddError",
        "message": "odd",
        "name": "Ann Lee",
        "logStream": CONTEXT.log_stream_name,
        "requestId": CONTEXT.aws_request_id,
    }


def test_the_answer_carries_on_the_token_and_the_cause(bus: FakeBus) -> None:
    event = sample("get_user_profile")
    failing(OddError("odd"))(event, CONTEXT)
    assert bus.details[0]["TaskToken"] == event["detail"]["TaskToken"]
    assert bus.details[0]["meta"]["causationId"] == event["id"]


def test_nobody_is_named_where_it_is_about_nobody(bus: FakeBus) -> None:
    failing(OddError("odd"))(sample("get_users"), CONTEXT)
    assert "name" not in bus.failure


def test_any_other_error_is_lambdas_to_retry(bus: FakeBus) -> None:
    error = ConnectionError("reset")
    with pytest.raises(ConnectionError) as caught:
        failing(error)(sample("get_users"), CONTEXT)
    assert (caught.value, bus.requests) == (error, 0)


def test_an_answer_that_the_bus_does_not_take_is_lambdas_to_retry(bus: FakeBus) -> None:
    bus.failures = ["AccessDeniedException"]
    with pytest.raises(emit.PutEventError) as caught:
        failing(OddError("odd"))(sample("get_users"), CONTEXT)
    assert isinstance(caught.value.__context__, OddError)


def test_the_failure_is_logged_before_it_is_answered(bus: FakeBus, capsys: pytest.CaptureFixture[str]) -> None:
    failing(OddError("odd"))(sample("get_users"), CONTEXT)
    logged, emitted = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (logged["level"], logged["failure"]) == ("ERROR", bus.failure)
    assert emitted["message"] == "emitted failed"


@pytest.mark.parametrize("character", ["x", "\x00", "🍪", '"'])
def test_however_long_it_is_step_functions_takes_it_as_a_cause(bus: FakeBus, character: str) -> None:
    failing(OddError(character * 100_000))(sample("get_user_profile", name=character * 1000), CONTEXT)
    assert bus.failure["message"] == character * MAX_MESSAGE_CHARACTERS
    assert len(json.dumps(bus.failure)) <= MAX_CAUSE_CHARACTERS
