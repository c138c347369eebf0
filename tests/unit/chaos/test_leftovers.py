"""What a sandbox holds on to beyond what a calm one has."""

from collections import Counter
from dataclasses import replace

from tests.chaos.leftovers import Holdings, has_environments

CALM = Holdings(1, Counter({"poller": 5}), frozenset({"lambda"}), 20)


def test_a_calm_sandbox_has_nothing_beyond_a_calm_one() -> None:
    assert CALM.beyond(CALM) == []


def test_what_is_more_is_named() -> None:
    more = Holdings(2, Counter({"poller": 6, "Thread (eval)": 1}), frozenset({"lambda", "lambda-environment-1"}), 200)
    assert more.beyond(CALM) == [
        "1 threads poller",
        "1 threads Thread (eval)",
        "lambda-environment-1",
        "2 processes instead of 1",
        "200 open files instead of 20",
    ]


def test_an_environment_is_seen_by_its_folder() -> None:
    assert not has_environments(CALM)
    assert has_environments(replace(CALM, files=frozenset({"lambda-environment-1"})))
