"""What `docker compose up` promises beyond the pipeline."""

from collections.abc import Iterator

import pytest

from tests.e2e.compose import Stack, new_stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A compose project that is not up yet, and is taken down in the end."""
    stack = new_stack()
    yield stack
    stack.compose("down", "--volumes", "--remove-orphans")


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


def test_only_loopback_is_reachable_and_the_docker_socket_is_not_mounted(stack: Stack) -> None:
    stack.up()
    assert set(stack.containers) == {"localstack", "observatory"}
    for container in stack.containers.values():
        bindings = container.attrs["HostConfig"]["PortBindings"].values()
        assert {binding["HostIp"] for ports in bindings for binding in ports} == {"127.0.0.1"}
        assert not [mount for mount in container.attrs["Mounts"] if "docker.sock" in mount["Source"]]
