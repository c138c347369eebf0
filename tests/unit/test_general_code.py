"""What serves any workflow knows nothing of the example: not its functions, states, events, or what it is about."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bootstrap.definitions import states_in
from bootstrap.stack import FUNCTIONS, MACHINES, STACK
from handlers.detail_types import DetailType
from handlers.shared import detail_types as shared
from tests.stacks import system_of

PROJECT = Path(__file__).parents[2]
GENERAL = ("handlers/shared", "bootstrap", "emulator", "observatory", "scripts")
KINDS = {".py", ".js", ".html", ".css", ".json"}
ABOUT = ("person", "persons", "people", "cookie", "cookies")
# What is the example's own among them.
OWN = {"bootstrap/stack.py", "bootstrap/machines/eventdriven_machine.asl.json"}
# Every workflow has these; and any of them may have side effects.
SHARED = {shared.DONE, shared.FAILED, "start", "Success", "Failed", "sideEffect", "side_effect"}
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\w])//[^\n]*|<!--.*?-->", re.DOTALL)


@cache
def words() -> set[str]:
    """What the example calls its own."""
    states = {name for machine in MACHINES for name, _state in states_in(system_of().definitions[machine.name])}
    functions = {word for one in FUNCTIONS for word in (one.name, one.module.rpartition(".")[2])}
    columns = {word for machine in MACHINES for column in machine.columns for word in (column.name, column.output)}
    machines = {machine.name for machine in MACHINES}
    return {str(one) for one in {*states, *functions, *columns, *machines, *DetailType, *ABOUT}} - SHARED


def files() -> Iterator[Path]:
    for folder in GENERAL:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in KINDS and "vendor" not in path.parts and str(path.relative_to(PROJECT)) not in OWN:
                yield path


def code_of(path: Path) -> str:
    """A file without what only explains it: `people` may be anyone there."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return COMMENTS.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    explained = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    return "\n".join("" if number in explained else line for number, line in enumerate(lines, 1))


@cache
def words_of_the_example() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, words())))})\b", re.IGNORECASE)


def found_in(path: Path) -> list[str]:
    lines = enumerate(code_of(path).splitlines(), 1)
    return [f"{number}: {hit[0]}" for number, line in lines for hit in words_of_the_example().finditer(line)]


def test_the_words_are_those_of_the_example() -> None:
    assert {"getMultiple", "get_multiple", "ProcessMultiple", "getUserCookies", "people", MACHINES[0].name} <= words()
    assert STACK.finisher not in words()


@pytest.mark.parametrize("path", [str(path.relative_to(PROJECT)) for path in files()])
def test_general_code_names_nothing_of_the_example(path: str) -> None:
    assert found_in(PROJECT / path) == []


def test_general_code_does_not_import_the_example() -> None:
    importing = re.compile(
        r"^(?:from|import) (?:bootstrap\.stack\b|handlers\.(?!shared))|from bootstrap import stack", re.M
    )
    assert [str(path) for path in files() if path.suffix == ".py" and importing.search(path.read_text())] == []
