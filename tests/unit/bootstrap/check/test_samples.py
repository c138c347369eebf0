"""Events that are made up of what the stack's files say."""

import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap.check.report import check_settings
from bootstrap.check.samples import sample_event
from bootstrap.settings import load_settings
from tests.unit.bootstrap.check.copies import make_copy

STACKS = ("bootstrap.stack", "examples.orders.stack")


def sample(stack: str, function: str) -> dict[str, Any]:
    choreography = check_settings(load_settings({"STACK": stack})).choreography
    assert choreography
    spec = choreography.function(function)
    assert spec
    return sample_event(choreography, spec)


@pytest.mark.parametrize("stack", STACKS)
def test_every_function_gets_an_event_of_its_own_with_all_that_it_reads(stack: str) -> None:
    choreography = check_settings(load_settings({"STACK": stack})).choreography
    assert choreography
    for function in choreography.system.stack.functions:
        event = sample_event(choreography, function)
        assert event["detail-type"] == function.event
        assert {reading.key for reading in choreography.code[function.name].readings} <= event["detail"].keys()
        assert None not in event["detail"].values()
        json.dumps(event)


def test_what_a_state_takes_of_its_context_is_as_a_run_would_have_it() -> None:
    detail = sample("bootstrap.stack", "getMultiple")["detail"]
    assert (detail["stateMachine"], detail["stateName"], detail["start"]) == ("EventdrivenMachine", "GetMultiple", {})
    assert detail["execution"].endswith(f":execution:EventdrivenMachine:{detail['job']}")


def test_a_value_has_the_type_that_the_function_reads() -> None:
    detail = sample("examples.orders.stack", "chargeCard")["detail"]
    assert (detail["amountCents"], detail["card"]) == (1, "sample card")
    assert sample("bootstrap.stack", "postProcessAll")["detail"]["names"] == ["sample"]


def test_an_event_that_a_function_emits_carries_on_what_came_to_it() -> None:
    detail = sample("bootstrap.stack", "postProcessSingle")["detail"]
    assert (detail["stateName"], detail["name"], detail["profile"]) == (
        "ProcessSingle",
        "sample name",
        "sample profile",
    )


def test_an_event_that_goes_in_a_circle_is_made_up_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit("handlers/send_receipt.py", "DetailType.RECEIPT_SENT", "DetailType.ORDER_SHIPPED")
    copy.edit("orders_machine.asl.json", '"DetailType": "orderShipped"', '"DetailType": "orderSent"')
    choreography = copy.check().choreography
    assert choreography
    spec = choreography.function("sendReceipt")
    assert spec
    assert sample_event(choreography, spec)["detail"]["order"] == "sample order"
