"""What a target gets of an event: all of it, or what its Input, InputPath or InputTransformer make of it.

LocalStack 4.14.0 names an execution after the id in its input, and starts none when there is no id. An event is lost
when a number, or a text before a comma, stands within text; 0, false and null become "", and nothing is sent where the
input is one of these, or empty.
The page says that quotes are taken out of an object within text. Recorded on AWS, that holds for a template of text; of
one of JSON, with the object in a text of it, nothing comes.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
https://github.com/localstack/localstack/blob/v4.14.0/tests/aws/services/events/test_events_inputs.py
"""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import jsonpath_rw
from localstack.services.events import target
from localstack.services.events.target import StatesTargetSender, TargetSender
from localstack.services.events.utils import to_json_str

from emulator.repairs.event_delivery import InputError, without_own_field

PLACEHOLDER = re.compile(r"<(.*?)>")
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
TEXT_OR_PLACEHOLDER = re.compile(rf"{TEXT.pattern}|{PLACEHOLDER.pattern}", re.DOTALL)


def give_targets_their_input() -> None:
    """Make a target's input as EventBridge does, and name executions after the event."""
    target.get_template_replacements = _values
    target.replace_template_placeholders = _filled
    TargetSender.process_event = _process


def _process(sender: Any, event: Any, trace_header: Any) -> None:
    event = without_own_field(event)
    given = _input(sender, event)
    if isinstance(sender, StatesTargetSender):
        _start(sender, event, given)
    else:
        sender.send_event(given, trace_header)


def _input(sender: Any, event: Any) -> Any:
    """What is sent.

    Raises:
        InputError: There is nothing that could be.
    """
    if fixed := sender.target.get("Input"):
        return json.loads(fixed)
    if path := sender.target.get("InputPath"):
        found = _found(path, event)
        if not found:
            raise InputError(f"the input path {path} leads to nothing in the event")
        return found[0] if len(found) == 1 else found
    if transformer := sender.target.get("InputTransformer"):
        return sender.transform_event_with_target_input_transformer(transformer, event)
    return event


def _start(sender: Any, event: Any, given: Any) -> None:
    """Start an execution, the same one for the same event, rule and target.

    It has the event's id for its name, which AWS begins the name with: so all that is known of an execution tells of
    its event. Inputs of their own make executions of their own.
    """
    sender.service = "stepfunctions"
    event_id = event.get("id") if isinstance(event, dict) else None
    name = str(event_id or uuid.uuid4())
    if given is not event:
        name += f"_{uuid.uuid5(uuid.NAMESPACE_URL, sender.unique_id)}"
    sender.client.start_execution(stateMachineArn=sender.target["Arn"], name=name, input=to_json_str(given))


def _values(transformer: Any, event: Any) -> dict[str, Any]:
    """The value of each variable of a transformer; one whose path leads to nothing is empty."""
    paths = transformer.get("InputPathsMap") or {}
    return {name: _value(path, event) for name, path in paths.items() if name not in target.PREDEFINED_PLACEHOLDERS}


def _value(path: str, event: Any) -> Any:
    found = _found(path, event)
    return found[0] if len(found) == 1 else found or ""


def _found(path: str, event: Any) -> list[Any]:
    try:
        parsed = jsonpath_rw.parse(path)
    except Exception as error:
        # The parser has no kind of error of its own for what it cannot read.
        raise InputError(f"{path} is no path: {error}") from error
    return [match.value for match in parsed.find(event)]


def _filled(template: str, values: dict[str, Any]) -> Any:
    """What a template becomes: text when it begins with a quote, else JSON.

    Raises:
        InputError: It becomes no JSON.
    """
    if template.strip().startswith('"'):
        filled = PLACEHOLDER.sub(lambda found: _as_text(values.get(found[1], "")), template)
        return filled.strip()[1:-1].replace("\\n", "\n")
    filled = TEXT_OR_PLACEHOLDER.sub(_filler(values), template)
    try:
        return json.loads(filled, strict=False)
    except ValueError as error:
        raise InputError(f"the input template became no JSON ({error}): {filled}") from error


def _filler(values: dict[str, Any]) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        if found[0].startswith('"'):
            # With its quotes, an object or a list of texts within text makes no JSON of the whole.
            return PLACEHOLDER.sub(lambda inner: _as_it_is(values.get(inner[1], "")), found[0])
        return str(to_json_str(values.get(found[1], "")))

    return fill


def _as_it_is(value: Any) -> str:
    """A value within text of JSON: EventBridge escapes nothing."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _as_text(value: Any) -> str:
    """A value within a template of text: EventBridge takes the quotes out of what is no text itself."""
    return value if isinstance(value, str) else _as_it_is(value).replace('"', "")
