"""Put what was saved into another sandbox: runs, events, log lines, objects, and the functions' code."""

import base64
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from bootstrap.clients import Clients
from bootstrap.errors import RefusedError, UnreachableError, refusals
from bootstrap.resources.description import KEY
from observatory.records.states import ABORTED, RUNNING
from observatory.saved.errors import SavedFileError
from observatory.saved.file import Saved, to_json

# Beside the path of the sandbox's identity: AWS has no operations for them.
EXECUTIONS_PATH = "/_sandbox/executions"
LOGS_PATH = "/_sandbox/logs"
ANSWER_TIMEOUT_SECONDS = 60
# What a run that went on when it was saved is ended with: no task token of it is good any more.
ERROR, CAUSE = "Sandbox.Saved", "the run went on when the sandbox was saved"


def require_stack(saved: Saved, module: str) -> None:
    """Make sure that a file is of a stack.

    Args:
        saved: What is in the file.
        module: The stack's module.

    Raises:
        SavedFileError: It is of another one.
    """
    if saved.module != module:
        raise SavedFileError(f"the file is of the stack {saved.module}, and STACK is {module!r}: set STACK")


def restore(saved: Saved, clients: Clients) -> None:
    """Put it into a sandbox that was just bootstrapped.

    Raises:
        BootstrapError: The sandbox does not take it.
    """
    with refusals("what was saved", clients.settings):
        for key, content in saved.objects.items():
            if key != KEY:
                clients.s3.put_object(Bucket=clients.bucket, Key=key, Body=content)
        for name, code in saved.functions.items():
            _restore_code(clients, name, code)
    for account, groups in saved.logs.items():
        for group, events in groups.items():
            said = {"account": account or clients.account, "region": saved.region, "group": group, "events": events}
            _post(clients, LOGS_PATH, said)
    for execution in sorted(saved.executions, key=lambda one: one["startDate"]):
        _post(clients, EXECUTIONS_PATH, ended(execution, saved))


def ended(execution: Mapping[str, Any], saved: Saved) -> Mapping[str, Any]:
    """An execution as it was; one that went on, as if it had been stopped when it was saved."""
    if execution["status"] != RUNNING:
        return execution
    said = {"error": ERROR, "cause": CAUSE}
    last = execution["history"][-1]["id"]
    end = {
        "id": last + 1,
        "previousEventId": last,
        "type": "ExecutionAborted",
        "timestamp": saved.when,
        "executionAbortedEventDetails": said,
    }
    history = [*execution["history"], end]
    return {**execution, **said, "status": ABORTED, "stopDate": saved.when, "history": history}


def _restore_code(clients: Clients, name: str, code: bytes) -> None:
    sha256 = base64.b64encode(hashlib.sha256(code).digest()).decode()
    functions = clients.lambda_
    if functions.get_function_configuration(FunctionName=name)["CodeSha256"] != sha256:
        functions.update_function_code(FunctionName=name, ZipFile=code)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)


def _post(clients: Clients, path: str, said: Mapping[str, Any]) -> None:
    address = urlsplit(clients.settings.endpoint_url or "").netloc
    connection = HTTPConnection(address, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("POST", path, to_json(said).encode(), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"no usable answer from {clients.settings.endpoint_url} ({error})") from error
    finally:
        connection.close()
    if status != HTTPStatus.NO_CONTENT:
        raise RefusedError(f"{clients.settings.endpoint_url} does not take what was saved: {path} answered {status}")
