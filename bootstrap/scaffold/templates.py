"""What new files say, in the style of those that are there."""

import json
from collections.abc import Mapping
from string import Template
from typing import Any

STEP = Template('''"""$sentence."""

from $enum_module import $enum
from handlers.shared.emit import emit
from handlers.shared.events import EventBridgeEvent
from handlers.shared.failure import answers_failure
from handlers.shared.invocation import Context, recorded


@recorded
@answers_failure
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """$sentence, and answer the state that waits."""
    emit(event, $done, {})
''')

SIDE_EFFECT = Template('''"""$sentence; nobody waits for it."""

from handlers.shared.events import EventBridgeEvent
from handlers.shared.invocation import Context, recorded
from handlers.shared.log import log


@recorded
def lambda_handler(event: EventBridgeEvent, _context: Context) -> None:
    """$sentence."""
    log(event, "heard of it")
''')

TEST = Template('''"""$function: given the event that invokes it."""

import importlib
import json
import os
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

# As the state emits it; `python scripts/invoke.py $function --sample` makes another one.
EVENT: dict[str, Any] = $event
VARIABLES = $variables


@dataclass
class Context:
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"
    log_stream_name: str = "a-log-stream"


def test_it_$fact(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    emitted: list[dict[str, Any]] = []

    def take(_client: object, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        assert operation == "PutEvents"
        emitted.extend(parameters["Entries"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "an-event"}]}

    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(BaseClient, "_make_api_call", take)
    importlib.import_module("$module").lambda_handler(EVENT, Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["function"] == os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    $expectation
''')
STEP_FACT, STEP_EXPECTATION = (
    "answers_done_with_the_task_token_that_it_got",
    (
        'assert [entry["DetailType"] for entry in emitted] == ["done"]\n'
        '    assert json.loads(emitted[0]["Detail"])["TaskToken"] == EVENT["detail"]["TaskToken"]'
    ),
)
SIDE_EFFECT_FACT, SIDE_EFFECT_EXPECTATION = "emits_nothing", "assert emitted == []"


def literal(value: Any, indent: str = "") -> str:  # noqa: ANN401 - any JSON
    """Write a value as Python has it: an object over several lines, everything else on one."""
    if isinstance(value, Mapping) and value:
        inner = indent + "    "
        lines = (f"{inner}{json.dumps(key)}: {literal(each, inner)},\n" for key, each in value.items())
        return "{\n" + "".join(lines) + indent + "}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
