"""Ask the services for all that there is, and note what else they are asked and answer."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import RefusedError, UnreachableError, refusals
from observatory.records.access import fetch_bucket_users
from observatory.records.consumers import fetch_consumers
from observatory.records.executions import standard_machines
from observatory.records.stacks import deployed_stack
from observatory.records.states import RUNNING
from observatory.saved.file import Saved
from observatory.story.story import tell

PARALLEL_REQUESTS = 10
SERVICES = frozenset({"events", "iam", "lambda_", "logs", "s3", "sqs", "states"})
DOWNLOAD_TIMEOUT_SECONDS = 60
MISSING = "ResourceNotFoundException"
# What is saved as a whole, and so needs no note.
SAVED_OPERATIONS = frozenset(
    {
        "describe_execution",
        "describe_state_machine_for_execution",
        "filter_log_events",
        "get_execution_history",
        "get_object",
        "list_executions",
        "list_objects_v2",
    }
)


def ask(clients: Clients) -> Saved:
    """Ask for runs, events, log lines, objects and functions, as they are now.

    Raises:
        NotBootstrappedError: There is no stack.
        BootstrapError: Some service cannot be asked.
    """
    stack = deployed_stack(clients)
    with refusals("sandbox", clients.settings), ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        saved = Saved(clients.account, clients.settings.region, clients.bucket, clients.settings.stack)
        saved.executions = [*pool.map(lambda arn: _execution(clients, arn), _executions(clients, stack))]
        saved.logs = {"": _logs(clients, stack), **_other_logs(clients, stack)}
        saved.listed = [*_pages(clients.s3, "list_objects_v2", "Contents", Bucket=clients.bucket)]
        keys = [found["Key"] for found in saved.listed]
        saved.objects = dict(zip(keys, pool.map(lambda key: _object(clients, key), keys), strict=True))
        names = [function.name for function in stack.functions]
        saved.functions = dict(zip(names, pool.map(lambda name: _code(clients, name), names), strict=True))
        noting = cast(Clients, Noting(clients, saved.answers))
        consumers = fetch_consumers(noting, stack)
        fetch_bucket_users(noting, [machine.name for machine in stack.machines], consumers)
        for execution in saved.executions:
            if execution["status"] == RUNNING:
                # Whoever tells of one that waits asks why, too.
                tell(noting, stack, execution["name"])
    return saved


class Noting:
    """Clients that note what they are answered.

    Args:
        clients: Those that are asked.
        noted: The answers by what was asked.
        account: Whose clients they are; "" for this account.
    """

    def __init__(self, clients: Clients, noted: dict[str, Any], account: str = "") -> None:
        self._clients = clients
        self._noted = noted
        self._account = account

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the clients have it
        found = getattr(self._clients, name)
        return _NotingService(found, self._noted, self._account) if name in SERVICES else found

    def of_account(self, account: str) -> "Noting":
        """Those of another account."""
        return Noting(self._clients.of_account(account), self._noted, account)


class _NotingService:
    def __init__(self, client: Any, noted: dict[str, Any], account: str) -> None:  # noqa: ANN401
        self._client = client
        self._noted = noted
        self._account = account
        self.exceptions = client.exceptions

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - as the client has it
        def asking(**asked: object) -> Any:  # noqa: ANN401
            key = question(self._account, operation, asked)
            try:
                answer = getattr(self._client, operation)(**asked)
            except ClientError as error:
                self._noted[key] = {"Error": error.response["Error"]}
                raise
            self._noted[key] = _without_metadata(answer)
            return answer

        return getattr(self._client, operation) if operation in SAVED_OPERATIONS else asking

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - as the client has it
        return self._client.get_paginator(operation) if operation in SAVED_OPERATIONS else _NotingPages(self, operation)

    def pages(self, operation: str, asked: Mapping[str, object]) -> list[Any]:
        pages = [_without_metadata(page) for page in self._client.get_paginator(operation).paginate(**asked)]
        self._noted[question(self._account, operation, asked)] = pages
        return pages


class _NotingPages:
    def __init__(self, service: _NotingService, operation: str) -> None:
        self._service = service
        self._operation = operation

    def paginate(self, **asked: object) -> list[Any]:
        return self._service.pages(self._operation, asked)


def question(account: str, operation: str, asked: Mapping[str, object]) -> str:
    """What an answer is found by."""
    return json.dumps([account, operation, {name: str(asked[name]) for name in sorted(asked)}])


def _without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _executions(clients: Clients, stack: Stack) -> Iterator[str]:
    for machine in standard_machines(stack):
        arn = clients.arns.machine(machine.name)
        listed = _pages(clients.states, "list_executions", "executions", stateMachineArn=arn)
        yield from (execution["executionArn"] for execution in listed)


def _execution(clients: Clients, arn: str) -> dict[str, Any]:
    return {
        **_without_metadata(clients.states.describe_execution(executionArn=arn)),
        "definition": clients.states.describe_state_machine_for_execution(executionArn=arn)["definition"],
        "history": [*_pages(clients.states, "get_execution_history", "events", executionArn=arn)],
    }


def _logs(clients: Clients, stack: Stack) -> dict[str, list[dict[str, Any]]]:
    groups = (stack.ledger, *(function.log_group for function in stack.functions))
    return {group: _log(clients, group) for group in groups}


def _other_logs(clients: Clients, stack: Stack) -> dict[str, dict[str, list[dict[str, Any]]]]:
    logs: dict[str, dict[str, list[dict[str, Any]]]] = {account: {} for account in stack.other_accounts}
    for one in stack.consumers:
        logs[one.account][one.function.log_group] = _log(clients.of_account(one.account), one.function.log_group)
    return logs


def _log(clients: Clients, group: str) -> list[dict[str, Any]]:
    try:
        found = _pages(clients.logs, "filter_log_events", "events", logGroupName=group)
        return [{name: event[name] for name in ("logStreamName", "timestamp", "message")} for event in found]
    except ClientError as error:
        # A function that never ran may have no log yet.
        if error.response["Error"]["Code"] != MISSING:
            raise
        return []


def _object(clients: Clients, key: str) -> bytes:
    content: bytes = clients.s3.get_object(Bucket=clients.bucket, Key=key)["Body"].read()
    return content


def _code(clients: Clients, function: str) -> bytes:
    url = urlsplit(clients.lambda_.get_function(FunctionName=function)["Code"]["Location"])
    # The name by which an emulator calls itself may lead nowhere from here.
    endpoint = urlsplit(clients.settings.endpoint_url or url.geturl())
    kind = HTTPSConnection if endpoint.scheme == "https" else HTTPConnection
    connection = kind(endpoint.netloc, timeout=DOWNLOAD_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{url.path}?{url.query}", headers={"Host": url.netloc})
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"the code of {function} cannot be had from {endpoint.netloc}: {error}") from error
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise RefusedError(f"the code of {function} cannot be had: {url.netloc} answered {answer.status}")
    return content


def _pages(client: Any, operation: str, key: str, **asked: object) -> Iterator[Any]:  # noqa: ANN401
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page.get(key, ())
