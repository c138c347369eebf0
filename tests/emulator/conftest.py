"""Environments without LocalStack, of the functions beside this file."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.environments.environment import Environment, Outcome
from emulator.environments.fork_server import MODE_FORK, MODE_SPAWN
from emulator.environments.launcher import Launcher
from emulator.environments.runtime import FunctionSettings, Invocation

FUNCTIONS = Path(__file__).parent / "functions"

Invoke = Callable[..., Outcome]


@pytest.fixture(scope="session", params=[MODE_FORK, MODE_SPAWN])
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    launcher = Launcher(request.param)
    yield launcher
    launcher.stop()


@pytest.fixture
def make_environment(launcher: Launcher, tmp_path: Path) -> Iterator[Callable[..., Environment]]:
    """Makes a started environment; all are stopped in the end."""
    environments: list[Environment] = []

    def make(handler: str = "app.lambda_handler", timeout_seconds: float = 20, **variables: str) -> Environment:
        settings = FunctionSettings(handler, FUNCTIONS, variables, timeout_seconds, 128)
        environment = Environment(settings, launcher, tmp_path / f"environment-{len(environments)}")
        environments.append(environment)
        environment.start()
        return environment

    yield make
    for environment in environments:
        environment.stop()


@pytest.fixture
def environment(make_environment: Callable[..., Environment]) -> Environment:
    return make_environment()


def invoke(environment: Environment, do: str, **event: Any) -> Outcome:
    """Let the function do something, as request `request-1`."""
    payload = json.dumps({"do": do, **event}).encode()
    return environment.invoke(Invocation("request-1", payload, "arn:aws:lambda:us-east-1:000000000000:function:app"))


def answer(outcome: Outcome) -> Any:
    """What the function returned."""
    assert not outcome.is_error, outcome.payload
    return json.loads(outcome.payload)


def error(outcome: Outcome) -> dict[str, Any]:
    """The error that Lambda reports."""
    assert outcome.is_error
    reported: dict[str, Any] = json.loads(outcome.payload)
    return reported
