"""How often a function was invoked, and failed: each line of its log counts once."""

import pytest

from observatory.records.invocation_counts import InvocationCount, InvocationCounter
from tests.unit.observatory.recordings import Recording

FAILURES = (
    "[ERROR] ValueError: no",
    "RequestId: r Error: Runtime exited with error: exit status 3",
    "2026-11-24T19:38:50.000Z r Task timed out after 5.00 seconds",
    '{"message": "failed for good", "failure": {"error": "E", "message": "m"}}',
)


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


def test_every_invocation_counts_whether_it_has_emitted_anything_or_not(recording: Recording) -> None:
    counter = InvocationCounter(recording.clients)
    names = ("getMultiple", "processSingle", "postProcessSingle", "sideEffect", "postProcessAll", "never ran")
    found = [counter.count(name) for name in names]
    assert found == [InvocationCount(count) for count in (1, 3, 3, 3, 1, 0)]


@pytest.mark.parametrize("failure", FAILURES)
def test_one_that_failed_counts_as_that_once_and_only_itself(recording: Recording, failure: str) -> None:
    counter = InvocationCounter(recording.clients)
    assert counter.count("sideEffect") == InvocationCount(3, 0)
    recording.add_log("sideEffect", "START RequestId: r", failure, failure, "END RequestId: r", stream="s")
    recording.add_log("sideEffect", "START RequestId: r", "well", "END RequestId: r", stream="s")
    for _time in range(2):
        assert counter.count("sideEffect") == InvocationCount(5, 1)
