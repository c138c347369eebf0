"""A stack as JSON, and back."""

import json
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import pytest

from bootstrap import description
from bootstrap.description import (
    ColumnSpec,
    ConsumerSpec,
    FunctionSpec,
    GrantSpec,
    ItemSpec,
    MachineSpec,
    OptionSpec,
    QueueSpec,
    Stack,
    StartSpec,
)
from bootstrap.stack import STACK as COOKIES
from bootstrap.stack_json import from_json_object, to_json_object
from tests.stack_examples.parcels.stack import STACK as PARCELS

GRANT = GrantSpec(("sqs:SendMessage", "sqs:ReceiveMessage"), "${labelsArn}")
FUNCTION = FunctionSpec("shop.weigh", "weigh", False, True, 7, 512, {"A": "b"}, ("idna",), (GRANT,))
FULL = Stack(
    "shop",
    machines=(
        MachineSpec(
            "Machine",
            "machine.asl.json",
            (StartSpec("start", "StartRule"), StartSpec("again", "AgainRule")),
            "EXPRESS",
            (OptionSpec("size", "how big", 9, execution=True),),
            {"Each": ItemSpec("parcel", "parcels", "weight", "kilograms")},
            "report.json",
            (ColumnSpec("weight", "kilograms", "weight", "Each"),),
            {"Heaviest": 30, "Fragile": True, "Rate": 1.5, "Place": "here"},
            (GRANT,),
        ),
    ),
    functions=(FUNCTION,),
    source="shop",
    prefix="Shop",
    item_key="parcel",
    queues=(QueueSpec("labels", "label", 2),),
    consumers=(ConsumerSpec("111122223333", FUNCTION),),
    packed={"faker": ("faker/*.py",)},
)


def through_json(stack: Stack) -> Stack:
    return from_json_object(json.loads(json.dumps(to_json_object(stack))))


@pytest.mark.parametrize("stack", [FULL, COOKIES, PARCELS, Stack("empty", ())], ids=lambda stack: stack.name)
def test_every_field_survives(stack: Stack) -> None:
    assert through_json(stack) == stack
    assert to_json_object(through_json(stack)) == to_json_object(stack)


def values_of(part: Any) -> list[Any]:
    """A dataclass and all that are in it."""
    if is_dataclass(part):
        return [part, *(inner for each in fields(part) for inner in values_of(getattr(part, each.name)))]
    if isinstance(part, dict):
        return [inner for value in part.values() for inner in values_of(value)]
    return [inner for value in part for inner in values_of(value)] if isinstance(part, tuple) else []


def test_the_full_one_has_every_kind_of_part_and_no_default() -> None:
    found = values_of(FULL)
    kinds = {kind for kind in vars(description).values() if isinstance(kind, type) and is_dataclass(kind)}
    assert {type(part) for part in found} == kinds
    for part in found:
        for each in fields(part):
            default = each.default if each.default_factory is MISSING else each.default_factory()
            assert getattr(part, each.name) != default, f"{type(part).__name__}.{each.name}"


def test_what_a_newer_version_says_is_left_out() -> None:
    written = to_json_object(FULL)
    written["newer"] = 1
    written["machines"][0]["newer"] = {"a": 1}
    written["consumers"][0]["function"]["newer"] = []
    assert from_json_object(written) == FULL


def test_what_an_older_version_did_not_say_has_its_default() -> None:
    assert from_json_object({"name": "shop", "machines": []}) == Stack("shop", ())
