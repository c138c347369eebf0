"""Who may ask a sandbox for something, by what each request says, and what no request may be."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.gateway import peers
from emulator.gateway.callers import Callers
from emulator.gateway.peers import Peers
from emulator.ports import HOST
from emulator.server import Server
from testkit.ports import free_port
from testkit.waiting import wait_for
from tests.emulator.gateway.table import CASES, PAGES, Case, at, status_of

NOBODY = 65534
ASK_AS = """
import os, socket, sys
os.setuid(int(sys.argv[1]))  # which can import nothing more, perhaps
connection = socket.socket()
connection.connect((sys.argv[2], int(sys.argv[3])))
connection.sendall(b"GET /_localstack/health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
sys.stdout.write(connection.makefile("rb").read().decode())
"""
ALLOWED = "http://localhost:3000"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_request_gets_the_status_of_the_table(localstack: Server, case: Case) -> None:
    assert status_of((HOST, localstack.port), case)[0] == case.status


def test_a_refusal_is_one_line_that_names_the_setting(localstack: Server) -> None:
    for case, setting in ((PAGES[0], "ALLOWED_ORIGINS"), (at("evil.example", 403), "ALLOWED_HOSTS")):
        _status, body = status_of((HOST, localstack.port), case)
        assert setting in body
        assert body.count("\n") == 1


def test_it_is_found_by_both_addresses_of_localhost(localstack: Server) -> None:
    assert status_of(("localhost", localstack.port), at("localhost", 200))[0] == 200
    with socket.create_server((HOST, 0)) as there:
        if not socket.has_ipv6 or there.family == socket.AF_INET6:
            pytest.skip("this machine has no IPv6")
    assert status_of(("::1", localstack.port), at("[::1]", 200))[0] == 200


def test_an_object_runs_no_script_and_says_whose_it_is(localstack: Server) -> None:
    case = Case("an object", 404, "GET /no-bucket/no-key")
    with socket.create_connection((HOST, localstack.port)) as connection:
        connection.sendall(f"{case.line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert b"\r\nContent-Security-Policy: sandbox\r\n" in answer
    assert b"\r\nServer: AmazonS3\r\n" in answer


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox that its user opened to a web application, under another name, and to all users."""
    options = {"EXTRA_CORS_ALLOWED_ORIGINS": ALLOWED, "ALLOWED_HOSTS": "sandbox.example", "ALLOW_OTHER_USERS": "1"}
    with Server(tmp_path_factory.mktemp("opened"), free_port()).running(options) as server:
        yield server


@pytest.mark.parametrize(
    "case",
    [
        at("localhost", 200, f"Origin: {ALLOWED}", "Sec-Fetch-Site: same-site"),
        at("localhost", 200, "Sec-Fetch-Site: same-site", f"Referer: {ALLOWED}/page"),
        at("localhost", 204, f"Origin: {ALLOWED}", "Access-Control-Request-Method: POST", line="OPTIONS /"),
        at("localhost", 403, f"Origin: {ALLOWED}0"),
        at("localhost", 403, "Origin: http://evil.example", f"Referer: {ALLOWED}/page"),
        at("localhost", 403, "Sec-Fetch-Site: cross-site", f"Referer: http://evil.example/?{ALLOWED}/"),
        at("sandbox.example", 200),
        at("bucket.s3.sandbox.example:4566", 200),
        at("evilsandbox.example", 403),
    ],
    ids=lambda case: case.what,
)
def test_what_the_settings_name_is_let_in_and_nothing_else(opened: Server, case: Case) -> None:
    assert status_of((HOST, opened.port), case)[0] == case.status


def ask_as(uid: int, server: Server) -> str:
    command = [sys.executable, "-c", ASK_AS, str(uid), HOST, str(server.port)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_of_the_machine_is_refused_unless_all_are_let_in(localstack: Server, opened: Server) -> None:
    refused = ask_as(NOBODY, localstack)
    assert refused.startswith("HTTP/1.1 403 ")
    assert "ALLOW_OTHER_USERS=1" in refused
    assert ask_as(NOBODY, opened).startswith("HTTP/1.1 200 ")


@pytest.fixture(params=[(HOST, socket.AF_INET), ("::1", socket.AF_INET6)], ids=["IPv4", "IPv6"])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: the client's, the server's."""
    host, family = request.param
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listener:
        client = socket.create_connection(listener.getsockname()[:2])
        server, _address = listener.accept()
    with client, server:
        yield client, server


def uid_of_peer(connected: socket.socket) -> int | None:
    return Peers().uid(connected.family, connected.getpeername(), connected.getsockname())


@pytest.mark.parametrize("asked", ["the kernel", "its table"])
def test_the_user_of_a_peer_is_known_for_as_long_as_the_peer_is_there(
    pair: tuple[socket.socket, socket.socket], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if asked == "its table":
        monkeypatch.setattr(peers, "NETLINK_SOCK_DIAG", -1)
    client, server = pair
    assert uid_of_peer(server) == os.getuid()
    client.close()
    # As root's, a socket looks that nobody has any more.
    wait_for("nobody", lambda: uid_of_peer(server) is None)


def test_a_user_that_cannot_be_known_is_refused(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "NETLINK_SOCK_DIAG", -1)
    monkeypatch.setattr(peers, "TABLES", dict.fromkeys(peers.TABLES, tmp_path / "none"))
    assert uid_of_peer(pair[1]) is None


def test_the_address_that_a_request_came_to_is_a_name() -> None:
    callers = Callers((), ())
    assert callers.refusal({"host": "172.18.0.2:4566"}, "172.18.0.2") is None
    assert "ALLOWED_HOSTS" in str(callers.refusal({"host": "172.18.0.3:4566"}, "172.18.0.2"))
