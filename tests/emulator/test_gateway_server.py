"""LocalStack's HTTP front, from outside."""

from contextlib import ExitStack, closing
from http.client import HTTPConnection

from emulator.server import HOST, Server

# Some functions at once, each with a connection to S3 and one to EventBridge.
CONNECTIONS = 40


def test_all_connections_stay_open(localstack: Server) -> None:
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(HTTPConnection(HOST, localstack.port))) for _number in range(CONNECTIONS)
        ]
        for _request in range(2):
            for connection in connections:
                connection.request("GET", "/_localstack/health")
                answer = connection.getresponse()
                answer.read()
                assert not answer.will_close
