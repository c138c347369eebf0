"""The compose file, brought up for the tests under a name and on a port of their own."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.errors import DockerException
from docker.models.containers import Container

import docker
from testkit.ports import free_port

PROJECT_FOLDER = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stack:
    """A compose project of a checkout; its containers are named by Docker."""

    name: str
    port: int
    observatory_port: int
    folder: Path = PROJECT_FOLDER

    @property
    def endpoint_url(self) -> str:
        """Where its LocalStack answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def observatory_url(self) -> str:
        """Where its observatory answers."""
        return f"http://127.0.0.1:{self.observatory_port}"

    @property
    def container(self) -> Container:
        """The container of its LocalStack."""
        return self.containers["localstack"]

    @property
    def containers(self) -> dict[str, Container]:
        """Its containers, by their services."""
        label = f"com.docker.compose.project={self.name}"
        found: list[Container] = docker.from_env().containers.list(all=True, filters={"label": label})
        return {container.labels["com.docker.compose.service"]: container for container in found}

    def compose(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on it and return what came of it."""
        own = {"SANDBOX_PORT": str(self.port), "OBSERVATORY_PORT": str(self.observatory_port)}
        own |= {"AWS_REGION": "us-east-1", "BUCKET": "", "MAP_CONCURRENCY": "2"}
        return subprocess.run(
            ["docker", "compose", "--project-name", self.name, *arguments],
            cwd=self.folder,
            env=os.environ | own | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """`docker compose up --wait`."""
        return self.compose("up", "--wait", "--detach", **variables)

    def remove(self) -> None:
        """Take it down, and leave nothing of it."""
        self.compose("down", "--volumes", "--remove-orphans", "--rmi", "all")


def new_stack() -> Stack:
    """A compose project that is not up yet; the test is skipped when no Docker engine answers."""
    try:
        docker.from_env().ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")
    return Stack(f"sandbox-test-{uuid.uuid4().hex[:8]}", free_port(), free_port())


@contextmanager
def running_compose() -> Iterator[Stack]:
    """A compose project that is up, and is taken down in the end."""
    stack = new_stack()
    try:
        came_up = stack.up()
        assert came_up.returncode == 0, came_up.stderr + stack.compose("logs").stdout
        yield stack
    finally:
        stack.remove()
