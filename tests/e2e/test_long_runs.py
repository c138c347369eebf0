"""Runs with as many people as the README promises, without Docker: LocalStack's part in them is the same in compose."""

import pytest

from benchmarks.account import Account
from bootstrap.settings import DEFAULT_MAP_CONCURRENCY
from emulator.server import Server


@pytest.mark.parametrize(("people", "at_a_time"), [(1000, 1), (2500, DEFAULT_MAP_CONCURRENCY)])
def test_a_run_of_many_people_ends_with_their_report(localstack: Server, people: int, at_a_time: int) -> None:
    account = Account(localstack.endpoint_url)
    account.bootstrap(at_a_time)
    account.run(people)
