"""What `docker compose up` promises beyond the pipeline."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from bootstrap.checkout import ask
from bootstrap.environment import put_events_line
from bootstrap.settings import PROJECT
from bootstrap.stack import STACK
from testkit.ports import free_port
from tests.debug_adapter import attached, line_of
from tests.e2e.compose import Stack, new_stack
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs

PYTHON = "/opt/code/localstack/.venv/bin/python"
WHERE_ITS_BYTECODE_IS = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).cached)"
WITH_DEBUGGERS = "docker-compose.yml:docker-compose.debug.yml"
EMULATOR = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_ENDPOINT_URL=http://127.0.0.1:4566"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A compose project that is not up yet, and is taken down in the end."""
    stack = new_stack()
    yield stack
    stack.remove()


def run_in(stack: Stack, *command: str) -> str:
    """Run a command in LocalStack's container, and return what it printed."""
    done = subprocess.run(
        ["docker", "exec", str(stack.container.id), *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_up_waits_for_the_bootstrap_and_down_and_up_again_works(stack: Stack) -> None:
    for _time in range(2):
        came_up = stack.up()
        assert came_up.returncode == 0, came_up.stderr
        health = {name: each.attrs["State"]["Health"]["Status"] for name, each in stack.containers.items()}
        assert health == {"localstack": "healthy", "observatory": "healthy"}
        assert b"EventdrivenMachine" in stack.container.logs()
        stack.compose("down", "--volumes")


def test_up_fails_when_the_bootstrap_fails(stack: Stack) -> None:
    came_up = stack.up(MAP_CONCURRENCY="none")
    assert came_up.returncode != 0
    assert "unhealthy" in came_up.stderr
    assert b"MAP_CONCURRENCY" in stack.container.logs()


def test_a_stack_of_your_own_may_be_in_any_folder_of_the_checkout(stack: Stack, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    shutil.copy(PROJECT / ".dockerignore", folder)
    (folder / ".env").write_text("SECRET=1\n")
    shutil.copytree(folder / "examples" / "orders", folder / "shop", ignore=shutil.ignore_patterns("handlers"))
    own = replace(stack, folder=folder)
    came_up = own.up(STACK="shop.stack")
    assert came_up.returncode == 0, came_up.stderr
    assert b"created state machine OrdersMachine" in own.container.logs()
    assert httpx2.get(f"{own.observatory_url}/api/runs").json()["runs"] == []
    assert ".env" not in run_in(own, "ls", "-a", "/opt/sandbox").split()


def test_a_debugger_looks_into_a_function_of_the_container(stack: Stack) -> None:
    port = free_port()
    came_up = stack.up(COMPOSE_FILE=WITH_DEBUGGERS, DEBUG="processSingle", DEBUG_PORTS=f"{port}-{port}")
    assert came_up.returncode == 0, came_up.stderr
    handler = PROJECT / "handlers" / "process_single.py"
    with attached(port, PROJECT, {"handlers/process_single.py": [line_of(handler, "key = basic_key(")]}) as debugger:
        runs = Runs(clients_of(stack.endpoint_url))
        job = runs.start(people=1)
        thread = debugger.event("stopped")["threadId"]
        assert debugger.frame(thread)["source"]["path"] == str(handler)
        debugger.request("continue", threadId=thread)
        assert runs.finish(job).report["numberOfPeople"] == 1


def test_up_fails_when_a_function_that_there_is_not_is_to_take_a_debugger(stack: Stack) -> None:
    came_up = stack.up(COMPOSE_FILE=WITH_DEBUGGERS, DEBUG="procesSingle")
    assert came_up.returncode != 0
    logs = stack.compose("logs", "--no-log-prefix", "localstack").stdout.splitlines()
    (line,) = [line for line in logs if "procesSingle" in line]
    assert line.endswith("has no such function; did you mean processSingle?")


def test_only_loopback_is_reachable_and_the_docker_socket_is_not_mounted(compose_stack: Stack) -> None:
    assert set(compose_stack.containers) == {"localstack", "observatory"}
    for container in compose_stack.containers.values():
        bindings = container.attrs["HostConfig"]["PortBindings"].values()
        assert {binding["HostIp"] for ports in bindings for binding in ports} == {"127.0.0.1"}
        assert not [mount for mount in container.attrs["Mounts"] if "docker.sock" in mount["Source"]]


def test_no_container_has_capabilities_or_more_than_its_share_of_the_machine(compose_stack: Stack) -> None:
    for container in compose_stack.containers.values():
        limits = container.attrs["HostConfig"]
        assert (limits["CapDrop"], limits["CapAdd"]) == (["ALL"], None)
        assert limits["SecurityOpt"] == ["no-new-privileges:true"]
        assert 0 < limits["PidsLimit"] <= 4096
        assert 0 < limits["Memory"] <= 4 << 30
    effective = next(line for line in run_in(compose_stack, "cat", "/proc/1/status").splitlines() if "CapEff" in line)
    assert int(effective.split()[1], 16) == 0


def test_the_image_holds_the_bytecode_of_localstack_and_of_the_project(compose_stack: Stack) -> None:
    for module in ("localstack.services.stepfunctions.provider", "emulator.plugin", "bootstrap.deploy"):
        where = run_in(compose_stack, PYTHON, "-c", WHERE_ITS_BYTECODE_IS, module).strip()
        in_the_image = subprocess.check_output(
            ["docker", "run", "--rm", "--entrypoint", "ls", str(compose_stack.container.attrs["Image"]), where],
            text=True,
        )
        assert in_the_image.strip() == where


def test_it_says_which_checkout_it_is_of(compose_stack: Stack) -> None:
    sandbox = ask(compose_stack.port)
    assert sandbox
    assert (sandbox.checkout, sandbox.project, sandbox.is_ours) == (PROJECT, compose_stack.name, True)


def test_docker_alone_is_enough_for_the_commands(compose_stack: Stack) -> None:
    started = compose_stack.compose("run", "--rm", "start_run", "--people", "5", "--json")
    assert started.returncode == 0, started.stderr
    run = json.loads(started.stdout)
    assert (run["status"], run["people"]) == ("SUCCEEDED", 5)
    explained = compose_stack.compose("run", "--rm", "explain", run["job"])
    assert f"run {run['job']} SUCCEEDED" in explained.stdout, explained.stderr
    listed = compose_stack.compose("run", "--rm", "runs", "--text", run["job"])
    assert run["job"][:8] in listed.stdout, listed.stderr
    changes = compose_stack.compose("run", "--rm", "bootstrap", "diff")
    assert changes.stdout.strip().endswith("unchanged"), changes.stdout + changes.stderr
    assert " to be " not in changes.stdout


def test_a_command_without_a_sandbox_says_how_to_start_one(stack: Stack) -> None:
    explained = stack.compose("run", "--rm", "explain")
    assert explained.returncode == 2
    assert "nothing listens at http://localstack:4566: start a sandbox with `docker compose up`" in explained.stderr


def test_the_aws_cli_takes_the_line_that_starts_a_run_as_it_is_printed(compose_stack: Stack) -> None:
    in_image = f"export PATH=/opt/code/localstack/.venv/bin:$PATH AWS_DEFAULT_REGION=us-east-1 {EMULATOR}"
    answer = json.loads(run_in(compose_stack, "sh", "-c", f"{in_image}; {put_events_line(STACK, 'start')}"))
    assert answer["FailedEntryCount"] == 0
    explained = compose_stack.compose("run", "--rm", "explain", answer["Entries"][0]["EventId"])
    assert explained.returncode == 0, explained.stderr


@pytest.mark.usefixtures("stack")  # needs an engine
def test_the_project_and_the_image_are_of_this_checkout_alone() -> None:
    said = subprocess.check_output(["docker", "compose", "config", "--format", "json"], cwd=PROJECT, text=True)
    config = json.loads(said)
    assert config["name"] == "".join(letter for letter in PROJECT.name.lower() if letter.isalnum() or letter in "-_")
    assert {service["image"] for service in config["services"].values()} == {f"{config['name']}-sandbox"}
