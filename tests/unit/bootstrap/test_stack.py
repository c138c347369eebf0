"""The cookies' tables against what is there: the modules of handlers/, the states of the machines."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bootstrap.description import FunctionSpec
from bootstrap.resources.rule import Rule
from bootstrap.stack import FUNCTIONS, STACK
from handlers.detail_types import DetailType
from tests.stacks import system_of
from tests.unit.bootstrap.machines import emitted

HANDLERS = Path(__file__).parents[3] / "handlers"


def functions_in(folder: Path) -> Iterator[str]:
    for source in folder.glob("*.py"):
        if any(getattr(node, "name", "") == "lambda_handler" for node in ast.parse(source.read_text()).body):
            yield f"{folder.name}.{source.stem}"


def test_the_table_has_every_module_with_a_handler_and_no_other() -> None:
    assert sorted(function.module for function in FUNCTIONS) == sorted(functions_in(HANDLERS))


def test_names_derive_from_the_module() -> None:
    function = FunctionSpec("cafe.handlers.post_process_single", "getUserCookies")
    assert (function.name, function.rule) == ("postProcessSingle", "postProcessSingleRule")


def test_the_names_are_those_that_readers_know() -> None:
    assert [function.name for function in FUNCTIONS] == [
        "getMultiple",
        "processSingle",
        "postProcessSingle",
        "postProcessAll",
        "sideEffect",
    ]
    assert [(machine.name, machine.type) for machine in system_of().machines] == [
        ("EventdrivenMachine", "STANDARD"),
        ("StepFinisher", "EXPRESS"),
    ]
    with_roles = [rule.name for rule in system_of().rules() if rule.role]
    assert with_roles == ["StartMachineRule", "FinisherRule", "FailedRule", "InvocationFailedRule"]
    assert (STACK.ledger, STACK.ledger_rule) == ("/aws/events/eventdriven-sandbox", "LedgerRule")


def test_every_event_that_a_machine_emits_has_a_function() -> None:
    asked = {entry["DetailType"] for definition in system_of().definitions.values() for entry in emitted(definition)}
    assert asked <= {function.event for function in FUNCTIONS}


def test_what_the_side_effect_says_sets_nothing_off() -> None:
    rules: list[Rule] = [rule for rule in system_of().rules() if rule.name != STACK.ledger_rule]
    assert DetailType.ASYNC_DONE not in {name for rule in rules for name in rule.pattern["detail-type"]}


def test_only_who_stores_or_reads_objects_gets_the_bucket() -> None:
    with_bucket = {function.name for function in FUNCTIONS if function.uses_bucket}
    assert with_bucket == {"processSingle", "postProcessSingle", "postProcessAll"}
