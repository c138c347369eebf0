"""Who may ask a sandbox for something, in both kinds of it."""

import urllib.request
from urllib.parse import urlsplit

import pytest

from bootstrap.clients import Clients
from tests.e2e.conftest import COMPOSE
from tests.emulator.gateway.table import CASES, at, status_of


def address_of(sandbox: Clients) -> tuple[str, int]:
    parts = urlsplit(str(sandbox.settings.endpoint_url))
    return str(parts.hostname), int(parts.port or 80)


def test_every_request_gets_the_status_of_the_table(sandbox: Clients) -> None:
    address = address_of(sandbox)
    wrong = {case.what: found for case in CASES if (found := status_of(address, case)[0]) != case.status}
    assert wrong == {}


def test_a_sandbox_in_docker_has_the_name_of_its_service(request: pytest.FixtureRequest, sandbox: Clients) -> None:
    in_container = request.node.callspec.params["sandbox"] == COMPOSE
    assert status_of(address_of(sandbox), at("localstack:4566", 200))[0] == (200 if in_container else 403)


def test_the_observatory_reaches_it(observatory: str) -> None:
    with urllib.request.urlopen(f"{observatory}/api/runs") as answer:  # noqa: S310 - http on loopback
        assert answer.status == 200
