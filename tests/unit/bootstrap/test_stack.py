"""The tables of stack.py against what is there: the modules of handlers/, the states of the machines."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bootstrap.stack import FUNCTIONS, MACHINES, FunctionSpec
from bootstrap.system import load_definition
from handlers.detail_types import DetailType
from tests.unit.bootstrap.fake_account import SETTINGS
from tests.unit.bootstrap.machines import emitted

HANDLERS = Path(__file__).parents[3] / "handlers"


def functions_in(folder: Path) -> Iterator[str]:
    for source in folder.glob("*.py"):
        if any(getattr(node, "name", "") == "lambda_handler" for node in ast.parse(source.read_text()).body):
            yield source.stem


def test_the_table_has_every_module_with_a_handler_and_no_other() -> None:
    assert sorted(function.module for function in FUNCTIONS) == sorted(functions_in(HANDLERS))


def test_names_derive_from_the_module() -> None:
    function = FunctionSpec("post_process_single", DetailType.GET_USER_COOKIES)
    assert (function.name, function.rule) == ("postProcessSingle", "postProcessSingleRule")


def test_the_names_are_those_that_readers_know() -> None:
    assert [function.name for function in FUNCTIONS] == [
        "getMultiple",
        "processSingle",
        "postProcessSingle",
        "postProcessAll",
        "sideEffect",
    ]
    assert [(machine.name, machine.type, [rule.name for rule in machine.rules]) for machine in MACHINES] == [
        ("EventdrivenMachine", "STANDARD", ["StartMachineRule"]),
        ("StepFinisher", "EXPRESS", ["FinisherRule", "FailedRule", "InvocationFailedRule"]),
    ]


def test_every_event_that_a_machine_emits_has_a_function() -> None:
    asked = {
        entry["DetailType"] for machine in MACHINES for entry in emitted(load_definition(machine, "cookies", SETTINGS))
    }
    assert asked <= {function.trigger for function in FUNCTIONS}


def test_what_the_side_effect_says_sets_nothing_off() -> None:
    started_by = {name for machine in MACHINES for rule in machine.rules for name in rule.pattern["detail-type"]}
    assert DetailType.ASYNC_DONE not in started_by | {function.trigger for function in FUNCTIONS}


def test_only_who_stores_or_reads_objects_gets_the_bucket() -> None:
    with_bucket = {function.module for function in FUNCTIONS if function.uses_bucket}
    assert with_bucket == {"process_single", "post_process_single", "post_process_all"}
