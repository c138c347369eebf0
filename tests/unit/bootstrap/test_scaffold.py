"""A new step, and a new side effect, in copies of the orders."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bootstrap.scaffold.names import Names, ScaffoldError
from bootstrap.scaffold.new import new_side_effect, new_step
from bootstrap.scaffold.stack_text import StackText
from bootstrap.scaffold.templates import literal
from bootstrap.settings import PROJECT, Settings, load_settings
from tests.unit.bootstrap.check.copies import Copy, make_copy

MACHINE = "orders_machine.asl.json"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    monkeypatch.chdir(tmp_path)
    return make_copy(tmp_path, monkeypatch)


def settings(copy: Copy) -> Settings:
    return load_settings({"STACK": f"{copy.package}.stack"})


def checked(copy: Copy, *command: str) -> str:
    """What a process that loads the copy anew prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy.folder.parent,
        env={"STACK": f"{copy.package}.stack", "PYTHONPATH": f"{PROJECT}:{copy.folder.parent}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def states_of(copy: Copy) -> dict[str, Any]:
    states: dict[str, Any] = json.loads((copy.folder / MACHINE).read_text())["States"]
    return states


def test_a_new_step_is_right_and_its_test_passes(copy: Copy) -> None:
    before = (copy.folder / MACHINE).read_text().splitlines()
    files = new_step(settings(copy), "weigh_order", "ReserveStock")
    assert [written.file.name for written in files] == [
        "detail_types.py",
        "weigh_order.py",
        "stack.py",
        MACHINE,
        "test_weigh_order.py",
    ]
    states = states_of(copy)
    followed, new = states["ReserveStock"], states["WeighOrder"]
    assert followed["Next"] == "WeighOrder"
    assert new["Parameters"]["Entries"][0]["DetailType"] == "weighOrder"
    assert new["Next"] in states
    after = (copy.folder / MACHINE).read_text().splitlines()
    # All but one line stays, and in its place.
    assert len([line for line in before if line not in after]) <= 1
    assert checked(copy, "bootstrap", "check") == f"{copy.package}.stack: nothing is wrong\n"
    assert "1 passed" in checked(copy, "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_a_new_side_effect_is_right_and_its_test_passes(copy: Copy) -> None:
    new_side_effect(settings(copy), "ThankBuyer", "orderShipped")
    assert (copy.folder / "handlers" / "thank_buyer.py").is_file()
    row = 'FunctionSpec(f"{HANDLERS}.thank_buyer", DetailType.ORDER_SHIPPED, waited_for=False)'
    assert row in (copy.folder / "stack.py").read_text()
    assert checked(copy, "bootstrap", "check") == f"{copy.package}.stack: nothing is wrong\n"
    assert "1 passed" in checked(copy, "pytest", "-q", "-p", "no:cacheprovider", "tests")


ROWS = {
    'FunctionSpec("shop.greet", Kind.GREET)': '"shop.check_stock"',
    'FunctionSpec(f"{SHOP}.greet", Kind.GREET, uses_bucket=True)': 'f"{SHOP}.check_stock"',
    'FunctionSpec(SHOP + ".greet", Kind.GREET)': 'SHOP + ".check_stock"',
    'FunctionSpec(module=f"{SHOP}.greet", event=Kind.GREET)': 'f"{SHOP}.check_stock"',
    'FunctionSpec(event=Kind.GREET, module="shop.greet")': '"shop.check_stock"',
    "FunctionSpec(GREET, Kind.GREET)": '"shop.check_stock"',
    "FunctionSpec(modules.GREET, event=Kind.GREET)": '"shop.check_stock"',
    "FunctionSpec(module=module_of('greet'), event=Kind.GREET)": '"shop.check_stock"',
}


def with_row(folder: Path, row: str, module: str) -> str:
    file = folder / "stack.py"
    file.write_text(f"from kinds import Kind\n\nFUNCTIONS = (\n    {row},\n)\n")
    return StackText(file).with_row(module, "CHECK_STOCK", "greet", waited_for=True)


@pytest.mark.parametrize(("row", "written"), ROWS.items(), ids=ROWS)
def test_a_new_row_names_its_module_as_the_row_before_or_else_in_full(tmp_path: Path, row: str, written: str) -> None:
    lines = with_row(tmp_path, row, "shop.check_stock").splitlines()
    assert lines[3:5] == [f"    {row},", f"    FunctionSpec({written}, Kind.CHECK_STOCK),"]


def test_a_new_row_may_be_of_a_module_in_no_package(tmp_path: Path) -> None:
    text = with_row(tmp_path, 'FunctionSpec("greet", Kind.GREET)', "check_stock")
    assert '    FunctionSpec("check_stock", Kind.CHECK_STOCK),' in text.splitlines()


def test_a_step_may_follow_what_is_in_a_map_and_what_ends_it(copy: Copy) -> None:
    new_step(settings(copy), "sniffItem", "PickItem")
    text = (copy.folder / MACHINE).read_text()
    assert '"Next": "SniffItem"' in text
    assert checked(copy, "bootstrap", "check") == f"{copy.package}.stack: nothing is wrong\n"


@pytest.mark.parametrize(
    ("name", "after", "said"),
    [
        ("2fast", "ReserveStock", "'2fast' is no name of a function"),
        ("lambda", "ReserveStock", "'lambda' is no name of a function"),
        ("reserve-stock", "ReserveStock", "is no name of a function"),
        ("charge_card", "ReserveStock", "function chargeCard exists: give another name"),
        ("receipt_sent", "ReserveStock", "event receiptSent exists"),
        ("book_carrier", "ReserveStock", "function bookCarrier exists"),
        ("weigh", "ReserveStok", "no machine has a state ReserveStok: did you mean ReserveStock?"),
        ("weigh", "OrdersMachine.Reserve", "machine OrdersMachine has no state Reserve: did you mean"),
        (
            "weigh",
            "IsAllInStock",
            "OrdersMachine.IsAllInStock is a Choice, which no step can follow: name a Task, Pass, Map or",
        ),
    ],
)
def test_what_cannot_be_a_step_is_one_line_and_nothing_is_written(copy: Copy, name: str, after: str, said: str) -> None:
    before = {file: file.read_bytes() for file in copy.folder.rglob("*.*") if file.is_file()}
    with pytest.raises(ScaffoldError) as caught:
        new_step(settings(copy), name, after)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert {file: file.read_bytes() for file in copy.folder.rglob("*.*") if file.is_file()} == before


def test_an_event_that_nothing_emits_has_no_side_effects(copy: Copy) -> None:
    with pytest.raises(ScaffoldError, match="nothing of stack orders emits orderShiped: did you mean orderShipped"):
        new_side_effect(settings(copy), "thank", "orderShiped")


def test_a_stack_that_is_wrong_is_not_written_into(copy: Copy) -> None:
    copy.edit(MACHINE, '"DetailType": "pickItem"', '"DetailType": "pickItems"')
    with pytest.raises(ScaffoldError, match="mend that first"):
        new_step(settings(copy), "weigh", "ReserveStock")


@pytest.mark.parametrize("text", ["check_stock", "CheckStock", "checkStock"])
def test_a_name_may_join_its_words_as_it_likes(text: str) -> None:
    names = Names.of(text)
    said = (names.module, names.function, names.state, names.member, names.sentence)
    assert said == ("check_stock", "checkStock", "CheckStock", "CHECK_STOCK", "Check stock")


def test_a_literal_is_what_python_reads_back() -> None:
    value = {"a": {"b": True, "c": None, "d": 'quo"te'}, "e": [1, "x"], "f": {}}
    assert ast.literal_eval(literal(value)) == value
