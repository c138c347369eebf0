"""Runs with as many people as the README promises, without Docker: LocalStack's part in them is the same in compose."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.account import Account
from bootstrap.settings import DEFAULT_MAP_CONCURRENCY, load_settings
from emulator.server import Server
from scripts.sandbox import emulator_options
from tests.conftest import free_port

MOST_PEOPLE = 2500
FEW_PEOPLE = 50
# A run of few is warm at the second time; what it takes is measured on a machine that does other things, too.
TOLERATED_GROWTH = 1.2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    # Of its own: what it takes is measured.
    with Server(tmp_path, free_port()).running(emulator_options(load_settings())) as server:
        yield server


def test_a_thousand_people_come_one_after_the_other(localstack: Server) -> None:
    account = Account(localstack.endpoint_url)
    account.bootstrap(at_a_time=1)
    account.run(people=1000)


def test_the_last_of_2500_people_takes_hardly_more_of_the_processor_than_the_first(server: Server) -> None:
    account, process = Account(server.endpoint_url), server.process()
    assert process
    account.bootstrap(at_a_time=DEFAULT_MAP_CONCURRENCY)
    account.run(FEW_PEOPLE)
    few, most = (_seconds_per_person(account, process, people) for people in (FEW_PEOPLE, MOST_PEOPLE))
    assert most <= few * TOLERATED_GROWTH


def _seconds_per_person(account: Account, process: psutil.Process, people: int) -> float:
    before = process.cpu_times()
    account.run(people)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / people
