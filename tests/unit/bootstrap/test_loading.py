"""How a stack is found by the setting that names it, and what is said of one that cannot be."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from bootstrap.__main__ import main
from bootstrap.description import (
    ConsumerSpec,
    FunctionSpec,
    MachineSpec,
    OptionSpec,
    QueueSpec,
    Stack,
    StartSpec,
)
from bootstrap.loading import folder_of, load_stack
from bootstrap.settings import SettingsError
from bootstrap.stack import STACK as COOKIES
from bootstrap.stack_problems import OF_EVERY_START, problems
from scripts import start_run
from tests.stack_examples.parcels.stack import STACK as PARCELS

Write = Callable[[str], str]

WEIGH = FunctionSpec("shop.weigh", "weigh")
MACHINE = MachineSpec("Machine", "machine.asl.json", starts=(StartSpec("start", "StartRule"),))
SMALL = Stack("shop", (MACHINE,), (WEIGH,))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a module into the folder that one is in, and returns its name."""
    monkeypatch.chdir(tmp_path)
    # A copy, for the folder is added to the path.
    monkeypatch.setattr("sys.path", [*sys.path])

    def write(text: str) -> str:
        name = f"stack_{uuid4().hex}"
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


def refusal(module: str) -> str:
    with pytest.raises(SettingsError) as raised:
        load_stack(module)
    return str(raised.value)


def test_a_stack_is_found_from_the_folder_that_one_is_in(write: Write, tmp_path: Path) -> None:
    module = write("from bootstrap.description import Stack\nSTACK = Stack('mine', ())\n")
    assert load_stack(module) == Stack("mine", ())
    assert folder_of(module) == tmp_path


def test_a_module_that_is_not_there_is_named() -> None:
    assert refusal("lost.stack") == (
        "STACK is 'lost.stack': there is no module lost here; give the dotted name of a stack's module"
    )


def test_a_module_that_imports_what_is_not_there_says_so(write: Write) -> None:
    module = write("import lost\n")
    assert refusal(module) == f"STACK is {module!r}: its import fails: No module named 'lost'"


def test_a_module_that_fails_says_where(write: Write, tmp_path: Path) -> None:
    module = write("A = 1\nB = {}['name']\n")
    assert refusal(module) == f"STACK is {module!r}: its import fails: {tmp_path}/{module}.py:2: KeyError: 'name'"


@pytest.mark.parametrize("text", ["A = 1\n", "STACK = 'cookies'\n"])
def test_a_module_without_a_stack_says_so(write: Write, text: str) -> None:
    module = write(text)
    assert refusal(module) == (f"STACK is {module!r}: that module has no STACK of type bootstrap.description.Stack")


def test_every_problem_is_a_line(write: Write) -> None:
    stack = "Stack('Mine', (), (FunctionSpec('a.weigh', 'x'), FunctionSpec('b.weigh', 'x')))"
    module = write(f"from bootstrap.description import FunctionSpec, Stack\nSTACK = {stack}\n")
    first, *others = refusal(module).splitlines()
    assert first == f"STACK is {module!r}: its name is 'Mine': give 2 to 34 lower-case letters, digits and hyphens"
    assert others[0] == f"STACK is {module!r}: 2 functions are called weigh: give each a name of its own"


@pytest.mark.parametrize("stack", [COOKIES, PARCELS, SMALL, Stack("empty", ())], ids=lambda stack: stack.name)
def test_nothing_is_wrong_with_a_good_one(stack: Stack) -> None:
    assert list(problems(stack)) == []


BAD = {
    "2 machines are called Machine: give each a name of its own": replace(SMALL, machines=(MACHINE, MACHINE)),
    "2 rules are called weighRule: give each a name of its own": replace(
        SMALL, machines=(replace(MACHINE, starts=(StartSpec("start", "weighRule"),)),)
    ),
    "2 rules are called FinisherRule: give each a name of its own": replace(
        SMALL, machines=(replace(MACHINE, starts=(StartSpec("start", "FinisherRule"),)),)
    ),
    "2 queues are called weighDeadLetters: give each a name of its own": replace(
        SMALL, functions=(replace(WEIGH, waited_for=False),), queues=(QueueSpec("weighDeadLetters"),)
    ),
    "2 functions are called weigh in 111122223333: give each a name of its own": replace(
        SMALL, consumers=(ConsumerSpec("111122223333", WEIGH), ConsumerSpec("111122223333", WEIGH))
    ),
    f"a function is called {'w' * 45!r}: give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, functions=(replace(WEIGH, module="w" * 45),)
    ),
    "a machine is called 'My Machine': give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, machines=(replace(MACHINE, name="My Machine"),)
    ),
    "a machine is called 'my stack StepFinisher': give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, prefix="my stack "
    ),
    "a rule is called 'my rule': give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, machines=(replace(MACHINE, starts=(StartSpec("start", "my rule"),)),)
    ),
    "a queue is called 'my queue': give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, queues=(QueueSpec("my queue"),)
    ),
    "a function is called 'w e': give up to 44 letters, digits, hyphens and underscores": replace(
        SMALL, consumers=(ConsumerSpec("111122223333", replace(WEIGH, module="w e")),)
    ),
    "no machine can wait for weigh: add a standard one, or say waited_for=False": replace(SMALL, machines=()),
    "machine Machine has options, but no event starts it: add a StartSpec": replace(
        SMALL, machines=(replace(MACHINE, starts=(), options=(OptionSpec("size", "how big"),)),)
    ),
    "machine Machine has an option event, as every start has: take another name": replace(
        SMALL, machines=(replace(MACHINE, options=(OptionSpec("event", "which"),)),)
    ),
    "function py has the module 'shop/weigh.py': give a dotted name, such as handlers.check_stock": replace(
        SMALL, functions=(replace(WEIGH, module="shop/weigh.py"),)
    ),
    "function weigh has no event: say which one invokes it": replace(SMALL, functions=(replace(WEIGH, event=""),)),
    "function weigh has 901 s of time: give 1 to 900": replace(SMALL, functions=(replace(WEIGH, timeout_seconds=901),)),
    "function weigh has 64 MB of memory: give 128 to 10240": replace(
        SMALL, functions=(replace(WEIGH, memory_megabytes=64),)
    ),
    "function weigh sets EVENT_BUS, which every function is given: take another name": replace(
        SMALL, functions=(replace(WEIGH, variables={"EVENT_BUS": "mine"}),)
    ),
    "function weigh sets AWS_REGION, which Lambda keeps to itself: take another name": replace(
        SMALL, functions=(replace(WEIGH, variables={"AWS_REGION": "eu-west-1"}),)
    ),
    "function weigh sets 'my-var': give two letters, digits or underscores at least, a letter first": replace(
        SMALL, functions=(replace(WEIGH, variables={"my-var": "x"}),)
    ),
    "rule StartRule has no event: say which one starts Machine": replace(
        SMALL, machines=(replace(MACHINE, starts=(StartSpec("", "StartRule"),)),)
    ),
    "the account of consumer weigh is '1': give 12 digits": replace(SMALL, consumers=(ConsumerSpec("1", WEIGH),)),
    "queue labels keeps messages for 15 days: give 1 to 14": replace(SMALL, queues=(QueueSpec("labels", None, 15),)),
}


def test_the_options_of_every_start_are_those_of_start_run(monkeypatch: pytest.MonkeyPatch) -> None:
    parsers: list[ArgumentParser] = []

    def note(parser: ArgumentParser, _arguments: object) -> None:
        parsers.append(parser)
        parser.exit()

    monkeypatch.setattr(ArgumentParser, "parse_args", note)
    with pytest.raises(SystemExit):
        start_run.parse_options(SMALL, [])
    (parser,) = parsers
    taken = {name for action in parser._actions for name in action.option_strings or [action.dest]}
    assert {name.removeprefix("--") for name in taken} - {"-h"} == OF_EVERY_START


@pytest.mark.parametrize(("problem", "stack"), BAD.items(), ids=BAD)
def test_what_is_wrong_is_said_with_what_to_do(problem: str, stack: Stack) -> None:
    assert problem in problems(stack)


MANY = "with a comma also behind"
OF_ANOTHER_KIND = {
    "Stack(3, ())": "name is 3: give a text",
    "Stack('mine', MachineSpec('M', 'm.json'))": f"give a tuple, {MANY} a single one",
    "Stack('mine', (), ('handlers.weigh',))": "functions[0] is 'handlers.weigh': give FunctionSpec(…)",
    "Stack('mine', (), (), queues=QueueSpec('q'))": f"give a tuple, {MANY} a single one",
    "Stack('mine', (), (), queues=(QueueSpec('q', 1),))": "queues[0].event is 1: give a text or None",
    "Stack('mine', (), (), packed={'faker': '*.py'})": f"packed['faker'] is '*.py': give a tuple, {MANY} a single one",
    "Stack('mine', (), (), packed=['faker'])": "packed is ['faker']: give a dict",
    "Stack('mine', (), (), consumers=(ConsumerSpec(1, FunctionSpec('a.b', 'c')),))": "account is 1: give a text",
    "Stack('mine', (MachineSpec('M', 'm', (StartSpec('s', None),)),))": (
        "machines[0].starts[0].rule is None: give a text"
    ),
    "Stack('mine', (MachineSpec('M', 'm', StartSpec('s', 'R')),))": "machines[0].starts is StartSpec(event='s', ",
    "Stack('mine', (MachineSpec('M', 'm', type='standard'),))": "type is 'standard': give STANDARD or EXPRESS",
    "Stack('mine', (MachineSpec('M', 'm', items={'Each': 'box'}),))": (
        "machines[0].items['Each'] is 'box': give ItemSpec(…)"
    ),
    "Stack('mine', (MachineSpec('M', 'm', substitutions={'A': ()}),))": (
        "substitutions['A'] is (): give a text or a whole number or a number or True or False"
    ),
    "Stack('mine', (), (FunctionSpec('a.b', 'c', 60),))": "functions[0].waited_for is 60: give True or False",
    "Stack('mine', (), (FunctionSpec('a.b', 'c', timeout_seconds=True),))": (
        "functions[0].timeout_seconds is True: give a whole number"
    ),
    "Stack('mine', (), (FunctionSpec('a.b', 'c', variables={'RETRIES': 3}),))": (
        "functions[0].variables['RETRIES'] is 3: give a text"
    ),
    "Stack('mine', (), (FunctionSpec('a.b', 'c', variables={3: 'x'}),))": (
        "a key of functions[0].variables is 3: give a text"
    ),
    "Stack('mine', (), (FunctionSpec('a.b', 'c', variables={'LOG_LEVEL': 3}),))": "['LOG_LEVEL'] is 3: give a text",
    "Stack('mine', (), (FunctionSpec('a.b', 'c', packages='pyyaml'),))": f"packages is 'pyyaml': give a tuple, {MANY}",
    "Stack('mine', (), (FunctionSpec('a.b', 'c', grants=(GrantSpec('sqs:SendMessage', '*'),)),))": (
        f"functions[0].grants[0].actions is 'sqs:SendMessage': give a tuple, {MANY} a single one"
    ),
}


@pytest.mark.parametrize(("stack", "said"), OF_ANOTHER_KIND.items(), ids=OF_ANOTHER_KIND)
def test_what_is_of_another_kind_is_one_line_with_what_to_give(write: Write, stack: str, said: str) -> None:
    module = write(f"from bootstrap.description import *\nSTACK = {stack}\n")
    (line,) = refusal(module).splitlines()
    assert line.startswith(f"STACK is {module!r}: ")
    assert said in line


def test_lists_do_where_a_description_has_tuples(write: Write) -> None:
    row = "FunctionSpec('a.weigh', 'weigh', grants=[GrantSpec(['sqs:SendMessage'], '*')])"
    module = write(f"from bootstrap.description import *\nSTACK = Stack('mine', [MachineSpec('M', 'm')], [{row}])\n")
    assert load_stack(module).functions[0].name == "weigh"


def test_the_command_says_it_in_one_line_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STACK", "lost.stack")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert main(["diff"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("STACK is 'lost.stack': ")
