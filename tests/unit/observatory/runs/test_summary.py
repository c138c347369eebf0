from datetime import UTC, datetime

from observatory.records.states import StateRun, States
from observatory.runs.following import Snapshot
from observatory.runs.summary import RunSummary
from tests.unit.observatory.fakes import MACHINE

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = ["execution", "job", "status", "seconds", "people", "totalCookiesConsumed", "reportUri", "report"]


def test_what_is_unknown_is_none() -> None:
    assert RunSummary(MACHINE).to_json_object() == {**dict.fromkeys([*KEYS, "output"]), "machine": MACHINE.name}


def test_keys_come_in_their_documented_order() -> None:
    assert list(RunSummary(MACHINE).to_json_object()) == [*KEYS, "machine", "output"]


def test_without_an_output_items_are_counted_as_soon_as_their_number_is_known() -> None:
    def people(*runs: StateRun, output: str = "") -> object:
        snapshot = Snapshot("RUNNING", NOON, output=output, states=States(runs))
        return RunSummary(MACHINE, snapshot=snapshot).to_json_object()["people"]

    entered = StateRun(7, "ProcessMultiple", "Map", NOON)
    begun = StateRun(7, "ProcessMultiple", "Map", NOON, length=0)
    assert people() is None
    assert people(entered) is None
    assert people(begun) == 0
    assert people(begun, output='{"numberOfPeople": 3}') == 3


def test_the_output_is_there_whatever_it_is() -> None:
    for text, output in (("", None), ("[1]", [1]), ('"done"', "done")):
        snapshot = Snapshot("SUCCEEDED", NOON, output=text)
        assert RunSummary(MACHINE, snapshot=snapshot).to_json_object()["output"] == output
