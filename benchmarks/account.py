"""The system in one emulator: bootstrap it, run it, and check what it reports."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.errors import BenchmarkError
from bootstrap.clients import Clients
from bootstrap.description import MachineSpec
from bootstrap.errors import BootstrapError, refusals
from bootstrap.settings import PROJECT, load_settings
from observatory.clock import Clock
from observatory.errors import RunError
from observatory.records.history import History
from observatory.records.reports import read_report
from observatory.runs.following import Follower, Snapshot
from observatory.runs.starting import ExecutionFinder, find_machine, find_start, fire

BOOTSTRAP_TIMEOUT_SECONDS = 120
# More than anything takes on a machine that is busy with other things; then the subject counts as failed.
RUN_TIMEOUT_SECONDS = 120
RUN_TIMEOUT_SECONDS_PER_PERSON = 1
# To ask is to be load: once a second, whoever is asked.
PAUSE_SECONDS = 1
PARALLEL_REQUESTS = 8


@dataclass(frozen=True)
class Run:
    """A run whose report is right; *seconds* is the time between the execution's own start and stop."""

    execution: str
    seconds: float
    total_cookies: int


class Account:
    """The system behind an endpoint, with all settings but that at their defaults.

    Args:
        endpoint_url: Where the emulator answers.
        pause_seconds: How long to wait before each question how a run goes.
    """

    def __init__(self, endpoint_url: str, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._pause_seconds = pause_seconds
        self.variables = {"AWS_ENDPOINT_URL": endpoint_url, "AWS_REGION": "us-east-1", "BUCKET": ""}
        self._clock = Clock()

    def bootstrap(self, at_a_time: int) -> float:
        """Run `python -m bootstrap up`, as a user does, and return how many seconds it took.

        Args:
            at_a_time: How many people the Map is to work on at the same time.

        Raises:
            BenchmarkError: It failed.
        """
        began = time.monotonic()
        try:
            subprocess.run(
                [sys.executable, "-m", "bootstrap", "up"],
                cwd=PROJECT,
                env=os.environ | self.variables | {"MAP_CONCURRENCY": str(at_a_time)},
                capture_output=True,
                text=True,
                check=True,
                timeout=BOOTSTRAP_TIMEOUT_SECONDS,
            )
        except subprocess.SubprocessError as error:
            raise BenchmarkError(f"the bootstrap failed: {getattr(error, 'stderr', None) or error}") from error
        return time.monotonic() - began

    def run(self, people: int) -> Run:
        """Do a run, follow it with few calls, and check its report.

        Raises:
            BenchmarkError: It did not end in time, not well, or with a report that is not right.
        """
        try:
            execution, snapshot = self._follow(people)
            if not snapshot.succeeded or snapshot.seconds is None:
                raise BenchmarkError(f"a run of {people} people is {snapshot.status} at the end: {snapshot.failure}")
            found = read_report(self._clients, execution, self._machine.report or "")
            if found is None:
                raise BenchmarkError(f"a run of {people} people left no report")
            cookies = self._counted_cookies(execution)
        except (BootstrapError, RunError) as error:
            raise BenchmarkError(f"a run of {people} people: {error}") from error
        _uri, report = found
        check_report(report, people, cookies)
        return Run(execution, snapshot.seconds, report["totalCookiesConsumed"])

    def start(self, runs: int) -> None:
        """Fire the start events of runs of nobody as fast as they are taken, and wait until all have succeeded.

        Raises:
            BenchmarkError: Some were lost, failed, or did not end in time.
        """
        source, start = self._clients.stack.source, find_start(self._machine, None)
        deadline = self._clock.now() + RUN_TIMEOUT_SECONDS + runs * RUN_TIMEOUT_SECONDS_PER_PERSON
        there = self._succeeded()
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            list(pool.map(lambda _number: fire(self._clients, source, start.event, {"people": 0}), range(runs)))
        while (ended := self._succeeded() - there) < runs:
            if self._clock.now() > deadline:
                raise BenchmarkError(f"of {runs} start events, {ended} came to a run that succeeded")
            self._clock.sleep(self._pause_seconds)

    def _succeeded(self) -> int:
        pages = self._clients.states.get_paginator("list_executions").paginate(
            stateMachineArn=self._clients.arns.machine(self._machine.name), statusFilter="SUCCEEDED"
        )
        return sum(len(page["executions"]) for page in pages)

    def steps(self, run: Run) -> dict[str, float]:
        """How many seconds each step of a run took."""
        states = History(self._clients, run.execution, self._clients.stack.item_key).read()
        return {one.name: (one.exited - one.entered).total_seconds() for one in states.inside[None] if one.exited}

    @cached_property
    def _clients(self) -> Clients:
        return Clients(load_settings(self.variables))

    @property
    def _machine(self) -> MachineSpec:
        return find_machine(self._clients.stack, None)

    def _follow(self, people: int) -> tuple[str, Snapshot]:
        deadline = self._clock.now() + RUN_TIMEOUT_SECONDS + people * RUN_TIMEOUT_SECONDS_PER_PERSON
        machine, start = self._machine, find_start(self._machine, None)
        finder = ExecutionFinder(self._clients, self._clock, machine.name, start.rule)
        job = fire(self._clients, self._clients.stack.source, start.event, {"people": people})
        self._clock.sleep(self._pause_seconds)
        execution = finder.find(job, deadline)
        follower = Follower(self._clients, execution, self._clock, machine, self._clients.stack.item_key)
        while (snapshot := follower.describe()).running and self._clock.now() < deadline:
            self._clock.sleep(self._pause_seconds)
        return execution, snapshot

    def _counted_cookies(self, execution: str) -> list[int]:
        """What was counted for each person, from the objects that the report was made of."""
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._clients.bucket, Prefix=f"{execution}/final-"
        )
        with refusals(execution, self._clients.settings), ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
            return list(pool.map(self._read_cookies, keys))

    def _read_cookies(self, key: str) -> int:
        body = self._clients.s3.get_object(Bucket=self._clients.bucket, Key=key)["Body"]
        cookies: int = json.load(body)["numberOfCookiesConsumed"]
        return cookies


def check_report(report: Mapping[str, Any], people: int, cookies: list[int]) -> None:
    """Make sure that a report is right.

    Args:
        report: The report.
        people: How many people were asked for.
        cookies: What was counted for each of them.

    Raises:
        BenchmarkError: A number or a name in it is wrong.
    """
    numbers = {report["numberOfPeople"], len(report["names"]), len(set(report["names"])), len(cookies)}
    if numbers != {people}:
        raise BenchmarkError(f"a run of {people} people has a report, names and objects for {sorted(numbers)}")
    if report["totalCookiesConsumed"] != sum(cookies):
        raise BenchmarkError(f"a report says {report['totalCookiesConsumed']} cookies, its objects {sum(cookies)}")
