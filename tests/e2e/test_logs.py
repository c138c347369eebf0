"""The log as it is written: `scripts/logs.py`."""

import json
import os
import subprocess
import sys
from select import select

from bootstrap.clients import Clients
from bootstrap.settings import PROJECT
from tests.e2e.typing_commands import type_command


def start(sandbox: Clients) -> str:
    done = type_command(sandbox, "start_run.py", "--people", "1", "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["job"])


def test_of_a_run_every_function_is_shown_with_the_item(sandbox: Clients) -> None:
    start(sandbox)
    job = start(sandbox)
    names = [item["name"] for item in names_of(sandbox, job)]
    done = type_command(sandbox, "logs.py", "getMultiple", "processSingle", "--run", job)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines].count("getMultiple") == 5
    assert sum(f"processSingle {names[0]}" in " ".join(line.split()) for line in lines) == 5
    assert len(lines) == 10


def names_of(sandbox: Clients, job: str) -> list[dict[str, str]]:
    explained = type_command(sandbox, "explain.py", job, "--json")
    events = json.loads(explained.stdout)["events"]
    return [event["body"]["detail"] for event in events if event["type"] == "getUserProfile"]


def test_whoever_follows_sees_lines_as_they_are_written(sandbox: Clients) -> None:
    following = subprocess.Popen(
        [sys.executable, "-u", "scripts/logs.py", "getMultiple", "--follow"],
        cwd=PROJECT,
        env=os.environ | {"AWS_ENDPOINT_URL": str(sandbox.settings.endpoint_url)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert following.stdout
        # It shows what comes after it was started, and when that was, only it knows.
        while not select([following.stdout], [], [], 0)[0]:
            start(sandbox)
        assert "START RequestId: " in following.stdout.readline()
    finally:
        following.terminate()
        following.wait()
