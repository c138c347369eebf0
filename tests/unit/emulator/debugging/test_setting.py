"""Which functions take a debugger, and where."""

import re

import pytest

from bootstrap.settings import SettingsError
from bootstrap.stack import STACK
from emulator.debugging.setting import debug_ports, read
from emulator.options import debug_options

PORTS = range(6000, 6010)


def test_each_function_gets_the_next_port_in_the_order_in_which_they_are_named() -> None:
    assert debug_ports(["sideEffect", "processSingle"], STACK, PORTS) == {"sideEffect": 6000, "processSingle": 6001}


def test_all_are_those_of_the_stack_in_its_order() -> None:
    names = [function.name for function in STACK.functions]
    assert debug_ports(["all"], STACK, PORTS) == dict(zip(names, PORTS, strict=False))


def test_a_function_that_is_named_twice_has_one_port() -> None:
    assert debug_ports(["sideEffect", "sideEffect"], STACK, PORTS) == {"sideEffect": 6000}


@pytest.mark.parametrize(
    ("name", "advice"), [("procesSingle", "did you mean processSingle?"), ("", "it has getMultiple, processSingle, ")]
)
def test_a_function_that_there_is_not_is_refused_in_one_line(name: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=f"^no debugger for '{name}': .*{re.escape(advice)}") as raised:
        debug_ports([name], STACK, PORTS)
    assert "\n" not in str(raised.value)


def test_too_few_ports_are_refused_in_one_line() -> None:
    with pytest.raises(SettingsError, match=r"^DEBUG_PORTS has 2 ports for 5 functions"):
        debug_ports(["all"], STACK, range(6000, 6002))


def test_localstack_reads_the_ports_as_the_command_writes_them() -> None:
    ports = debug_ports(["all"], STACK, PORTS)
    assert read(debug_options(ports)["SANDBOX_DEBUG"]) == ports
    assert debug_options({}) == {}


def test_names_alone_are_not_ports_yet() -> None:
    assert read("processSingle,sideEffect") is None
    assert read("all") is None
