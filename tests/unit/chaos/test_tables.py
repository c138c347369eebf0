"""What is said of seeds."""

from tests.chaos.plan import Fault, Plan, Thing
from tests.chaos.tables import faults_table, outcome_line
from tests.chaos.verdict import Outcome

LOST = (Fault.DROPPED, Thing("FinisherRule", "done", "Ann Lee", "ProcessSingle", 0))
FAILED = Outcome(Plan(17), "job", "FAILED", "TaskTimedOut", "ProcessSingle waited", 31.24, None, {}, (LOST, LOST))
CALM = Outcome(Plan(10), "other", "SUCCEEDED", "", "", 1.0, {}, None, ())


def test_a_line_says_what_a_seed_met_and_what_it_came_to() -> None:
    line = outcome_line(FAILED)
    assert line == "seed 17: dropped done (2) → FAILED after 31.2 s: TaskTimedOut: ProcessSingle waited"
    assert outcome_line(CALM) == "seed 10: nothing → SUCCEEDED after 1.0 s"


def test_the_table_counts_faults_and_how_their_runs_ended() -> None:
    columns = [column.cells for column in faults_table([FAILED, CALM]).columns]
    rows = {row[0]: row[1:] for row in zip(*columns, strict=True)}
    assert rows["dropped"] == ("2", "1", "0", "1")
    assert rows["none"] == ("0", "1", "1", "0")
    assert rows["all"] == ("2", "2", "1", "1")
