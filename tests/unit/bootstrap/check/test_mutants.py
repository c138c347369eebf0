"""Hundreds of small changes of both examples: the check says something of each mistake, and of nothing else."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bootstrap.check.findings import Severity
from tests.mutants import HARMLESS, MISTAKES, Workflow, mutant

EXAMPLES = {module: Workflow.load(module) for module in ("bootstrap.stack", "examples.orders.stack")}
# The same ones each time; a check takes a tenth of a second.
many = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Drawn:
    """Chooses as hypothesis does, which looks for the simplest choices that go wrong."""

    def __init__(self, data: some.DataObject) -> None:
        self._data = data

    def __call__[T](self, options: Sequence[T], /) -> T:
        return self._data.draw(some.sampled_from(options))


@pytest.mark.parametrize("module", EXAMPLES)
@many
@given(data=some.data())
def test_whatever_is_wrong_a_finding_is_a_line_about_a_place_that_there_is(
    module: str, tmp_path: Path, data: some.DataObject
) -> None:
    changed = mutant(EXAMPLES[module], Drawn(data), MISTAKES)
    for finding in changed.check(tmp_path).findings:
        assert "\n" not in str(finding), changed.changed
        lines = finding.place.file.read_text().splitlines()
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1]) + 1, (changed.changed, finding)
        assert finding.advice or finding.severity is not Severity.WARNING, (changed.changed, finding)


@pytest.mark.parametrize("module", EXAMPLES)
@many
@given(data=some.data())
def test_what_means_the_same_is_as_right_as_before(module: str, tmp_path: Path, data: some.DataObject) -> None:
    changed = mutant(EXAMPLES[module], Drawn(data), HARMLESS)
    assert changed.check(tmp_path).findings == (), changed.changed
