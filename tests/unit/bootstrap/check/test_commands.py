"""`python -m bootstrap check` and `graph`, and the check before everything else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.__main__ import main
from bootstrap.check import remembered
from bootstrap.check.subject import subject
from bootstrap.description import FunctionSpec
from bootstrap.settings import load_settings
from tests.unit.bootstrap.check.copies import Copy, make_copy

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    copy = make_copy(tmp_path, monkeypatch)
    monkeypatch.setenv("STACK", f"{copy.package}.stack")
    # Nothing listens there.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(remembered, "FOLDER", tmp_path / "cache")
    return copy


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        return (main(arguments), *capsys.readouterr())

    return run


def test_a_stack_that_is_right_is_said_to_be_so(copy: Copy, run: Run) -> None:
    assert run("check") == (0, f"{copy.package}.stack: nothing is wrong\n", "")


def test_an_error_is_one_line_with_its_place_and_status_1(copy: Copy, run: Run) -> None:
    copy.edit("orders_machine.asl.json", '"DetailType": "pickItem"', '"DetailType": "pickItems"')
    status, printed, _ = run("check")
    first, *_, last = printed.splitlines()
    assert status == 1
    assert "orders_machine.asl.json:" in first
    assert first.endswith("waits, and no rule takes pickItems: did you mean pickItem?")
    assert last == f"{copy.package}.stack: 1 error, 1 warning"


@pytest.mark.usefixtures("copy")
def test_the_ways_of_each_token_are_said(run: Run) -> None:
    _, printed, _ = run("check", "--ways")
    assert "OrdersMachine.PickItem → pickItem → pickItem → done → OrdersStepFinisher" in printed
    assert printed.count("timeout: after its TimeoutSeconds") == 6


@pytest.mark.usefixtures("copy")
def test_the_graph_is_said_and_drawn(run: Run) -> None:
    assert "OrdersMachine.PickItem emits pickItem and waits → pickItem" in run("graph")[1]
    drawn = run("graph", "--mermaid")[1]
    assert drawn.startswith("flowchart LR\n")
    assert "function_sendReceipt -. receiptSent .-> nobody" in drawn
    assert 'subgraph account_111122223333["account 111122223333"]' in drawn


def test_a_stack_that_cannot_be_read_is_not_drawn(copy: Copy, run: Run) -> None:
    copy.edit("orders_machine.asl.json", '"Type": "Pass",', '"Type": "Pass"')
    status, _, said = run("graph")
    assert (status, "cannot be drawn: 1 error" in said) == (1, True)


@pytest.mark.parametrize("command", ["up", "diff", "watch"])
def test_errors_stop_what_would_reach_the_account_and_force_goes_on(copy: Copy, run: Run, command: str) -> None:
    copy.edit("handlers/pick_item.py", "@recorded\n", "")
    status, _, said = run(command)
    assert (status, "--force goes on all the same" in said) == (1, True)
    status, _, said = run(command, "--force")
    assert (status, "nothing listens at" in said) == (2, True)


def test_files_that_are_known_to_be_right_are_not_checked_again_until_they_change(
    copy: Copy, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    keep = remembered.remember

    def count(fingerprint: str) -> None:
        checks.append(fingerprint)
        keep(fingerprint)

    monkeypatch.setattr(remembered, "remember", count)
    for _ in range(2):
        assert run("diff")[0] == 2
    assert len(checks) == 1
    copy.edit("handlers/pick_item.py", "@recorded\n", "")
    assert run("diff")[0] == 1


CHANGES: dict[str, Callable[[FunctionSpec], FunctionSpec]] = {
    "the bucket": lambda row: replace(row, uses_bucket=not row.uses_bucket),
    "a variable": lambda row: replace(row, variables={"MORE": "x"}),
    "an event": lambda row: replace(row, event="another"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_row_that_is_changed_wherever_it_stands_is_checked_again(
    change: Callable[[FunctionSpec], FunctionSpec],
) -> None:
    system, file = subject(load_settings({}))
    first, *others = system.stack.functions
    changed = replace(system, stack=replace(system.stack, functions=(change(first), *others)))
    assert remembered.fingerprint(changed, file) != remembered.fingerprint(system, file)
