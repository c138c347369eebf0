"""What the input of a target is made of an event."""

import json
from typing import Any

import pytest

from emulator.repairs.event_delivery import InputError
from emulator.repairs.events import inputs

EVENT: dict[str, Any] = {
    "id": "1",
    "detail-type": "order",
    "detail": {
        "text": 'a "b"\nc',
        "word": "grün",
        "number": 3,
        "float": 0.5,
        "zero": 0,
        "no": False,
        "yes": True,
        "empty": "",
        "null": None,
        "list": ["a", 1],
        "nothing": [],
        "object": {"k": "v"},
    },
}
PATHS = {name: f"$.detail.{name}" for name in EVENT["detail"]} | {"type": "$.detail-type", "missing": "$.detail.nope"}


def made(template: str) -> Any:
    return inputs._filled(template, inputs._values({"InputPathsMap": PATHS}, EVENT))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"a": <word>, "b": "<word>", "c": "x <word>, y"}', {"a": "grün", "b": "grün", "c": "x grün, y"}),
        ('{"a": <number>, "b": "<number>", "c": "order-<number>"}', {"a": 3, "b": "3", "c": "order-3"}),
        ('{"a": <zero>, "b": "<zero>"}', {"a": 0, "b": "0"}),
        ('{"a": <no>, "b": "is <yes>"}', {"a": False, "b": "is true"}),
        ('{"a": <empty>, "b": "<empty>"}', {"a": "", "b": ""}),
        ('{"a": <null>}', {"a": None}),
        ('{"a": <list>, "b": <nothing>}', {"a": ["a", 1], "b": []}),
        ('{"a": <object>, "b": "is <nothing>"}', {"a": {"k": "v"}, "b": "is []"}),
        ('{"a": <missing>, "b": "<missing>"}', {"a": "", "b": ""}),
        ('{"a": <text>}', {"a": 'a "b"\nc'}),
        ('{"a": "one\\ntwo", "<word>": 1}', {"a": "one\ntwo", "grün": 1}),
        ("[<number>, <word>]", [3, "grün"]),
        ("<object>", {"k": "v"}),
        ("<zero>", 0),
        ("<word>", "grün"),
        ('"it is <word>, <number> of <float>"', "it is grün, 3 of 0.5"),
        ('"<list> and <object>"', "[a,1] and {k:v}"),
        ('"<type>"', "order"),
        ('""', ""),
    ],
)
def test_a_template_is_filled_with_values_of_every_kind(template: str, expected: Any) -> None:
    assert made(template) == expected


@pytest.mark.parametrize("template", ['{"a": "<text>"}', '{"a": "<object>"}', '{"a": "is <list>"}'])
def test_what_becomes_no_json_is_said_to_be_none(template: str) -> None:
    with pytest.raises(InputError, match="the input template became no JSON"):
        made(template)


def test_no_kind_of_value_is_left_out() -> None:
    kinds = {type(value) for value in json.loads(json.dumps(EVENT["detail"])).values()}
    assert kinds == {str, int, float, bool, type(None), list, dict}


@pytest.mark.parametrize("path", ["$.detail.größe", "$.detail.1abc", "$.detail.where", "$..", "detail["])
def test_what_is_no_path_is_told(path: str) -> None:
    with pytest.raises(InputError, match="is no path"):
        inputs._found(path, EVENT)
