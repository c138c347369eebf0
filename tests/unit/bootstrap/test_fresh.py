"""What is no sandbox of this project is not emptied."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError, UnreachableError
from bootstrap.fresh import empty
from bootstrap.settings import load_settings
from testkit.ports import free_port


class SomethingElse(BaseHTTPRequestHandler):
    """Answers as an emulator does that knows no such path."""

    def do_POST(self) -> None:
        self.send_error(404)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def another_emulator() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), SomethingElse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def clients_of(endpoint: str) -> Clients:
    return Clients(load_settings({"AWS_ENDPOINT_URL": endpoint}))


def test_another_emulator_is_refused(another_emulator: str) -> None:
    with pytest.raises(RefusedError, match=f"{another_emulator} cannot be emptied, for it is no sandbox"):
        empty(clients_of(another_emulator))


@pytest.mark.parametrize("endpoint", ["", "https://aws.example"])
def test_aws_itself_is_not_even_asked(endpoint: str) -> None:
    with pytest.raises(RefusedError, match="is no sandbox of this project: its executions stay"):
        empty(clients_of(endpoint))


def test_that_nothing_listens_is_said() -> None:
    with pytest.raises(UnreachableError, match="start a sandbox"):
        empty(clients_of(f"http://127.0.0.1:{free_port()}"))
