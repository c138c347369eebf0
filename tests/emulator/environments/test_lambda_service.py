"""LocalStack's Lambda service with the executor `process`."""

import base64
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError

from emulator.server import Server
from testkit.ports import free_port
from testkit.waiting import wait_for, wait_until_in_use
from tests.clients import client_at
from tests.emulator.conftest import FUNCTIONS, Announcements
from tests.permissions import make_role


def zipped(**files: str) -> bytes:
    """A function's code: the functions beside these tests, some of them replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in FUNCTIONS.glob("*.py"):
            archive.writestr(path.name, files.get(path.stem, path.read_text()))
    return buffer.getvalue()


class Account:
    """What the tests do in the account of a LocalStack."""

    def __init__(self, server: Server) -> None:
        self.functions = client_at(server.endpoint_url, "lambda")
        self.logs = client_at(server.endpoint_url, "logs")
        self._role = make_role(server.endpoint_url)

    def create(self, name: str, **settings: Any) -> None:
        """Make a function that is ready to be invoked."""
        defaults: dict[str, Any] = {
            "Runtime": "python3.13",
            "Handler": "app.lambda_handler",
            "Timeout": 20,
        }
        settings = defaults | settings
        self.functions.create_function(FunctionName=name, Role=self._role, Code={"ZipFile": zipped()}, **settings)
        wait_until_in_use(self.functions, name)

    def invoke(self, name: str, do: str, **event: Any) -> Any:
        """What the function returns, or its error."""
        payload = json.dumps({"do": do, **event})
        response = self.functions.invoke(FunctionName=name, Payload=payload, LogType="Tail")
        return json.load(response["Payload"])

    def log_messages(self, name: str) -> list[str]:
        """All that its log group holds."""
        try:
            events = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]


@pytest.fixture
def account(localstack: Server) -> Account:
    return Account(localstack)


@pytest.fixture
def function(account: Account, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a function made for the test."""
    name = request.node.name.replace("[", "-").replace("]", "")[-60:]
    account.create(name, Environment={"Variables": {"EVENT_BUS": "default"}})
    yield name
    account.functions.delete_function(FunctionName=name)


def test_an_invocation_answers(account: Account, function: str) -> None:
    assert account.invoke(function, "echo", person="Ann Lee") == {"person": "Ann Lee"}


def test_concurrent_invocations_get_environments_of_their_own(account: Account, function: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        waits = [pool.submit(account.invoke, function, "wait", seconds=1) for _ in range(4)]
        assert [wait.result() for wait in waits] == [None] * 4
        counts = [pool.submit(account.invoke, function, "count") for _ in range(8)]
        assert len({count.result()["loaded"] for count in counts}) > 1


def test_start_output_and_report_reach_cloudwatch_logs(account: Account, function: str) -> None:
    account.invoke(function, "say", text="hello")
    wait_for("the REPORT line", lambda: any("REPORT" in message for message in account.log_messages(function)))
    kinds = [message.split()[0] for message in account.log_messages(function)]
    assert kinds == ["START", "hello", "HELLO", "END", "REPORT"]


def test_what_an_invocation_that_still_runs_has_written_is_in_cloudwatch_logs(account: Account, function: str) -> None:
    def messages() -> list[str]:
        return [message.split()[0] for message in account.log_messages(function)]

    with ThreadPoolExecutor(1) as pool:
        # When it is closed, the function goes on.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            answer = pool.submit(account.invoke, function, "say_and_wait_for", text="hello", address=address)
            connection, _ = listener.accept()
            with connection:
                wait_for("what it has said", lambda: "hello" in messages())
                assert messages() == ["START", "hello"]
        assert answer.result() is None
    wait_for("its end", lambda: messages() == ["START", "hello", "END", "REPORT"])


def test_the_tail_of_the_log_comes_with_the_answer(account: Account, function: str) -> None:
    response = account.functions.invoke(FunctionName=function, Payload='{"do": "echo"}', LogType="Tail")
    assert "REPORT RequestId" in base64.b64decode(response["LogResult"]).decode()


def test_a_failing_import_reaches_cloudwatch_logs(account: Account) -> None:
    account.create("unknownImport", Handler="unknown_import.lambda_handler")
    reported = account.invoke("unknownImport", "echo")
    assert reported["errorType"] == "Runtime.ImportModuleError"
    messages = wait_for("the log", lambda: account.log_messages("unknownImport"))
    assert any("No module named 'no_such_module'" in message for message in messages)


def test_the_environment_holds_lambdas_variables_and_the_functions_own(account: Account, function: str) -> None:
    variables = account.invoke(function, "surroundings")["variables"]
    assert variables["EVENT_BUS"] == "default"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == function
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["_HANDLER"] == "app.lambda_handler"
    assert not [name for name in variables if name.startswith("LOCALSTACK")]


def test_records_of_several_lines_are_one_event_of_cloudwatch_logs(account: Account, function: str) -> None:
    account.invoke(function, "log", message="first\nsecond")
    (record,) = [message for message in account.log_messages(function) if "first" in message]
    assert record.endswith("first\nsecond\n")


def test_a_log_group_of_ones_own_and_its_format_are_used(account: Account) -> None:
    settings = {"LogGroup": "/own/group", "LogFormat": "JSON", "SystemLogLevel": "INFO"}
    account.create("ownGroup", LoggingConfig=settings)
    assert account.invoke("ownGroup", "surroundings")["log group"] == "/own/group"
    assert account.log_messages("ownGroup") == []
    events = account.logs.filter_log_events(logGroupName="/own/group")["events"]
    assert [json.loads(event["message"])["type"] for event in events] == ["platform.start", "platform.report"]


def test_a_version_is_named_in_its_log(account: Account, function: str) -> None:
    version = account.functions.publish_version(FunctionName=function)["Version"]
    account.functions.get_waiter("function_active_v2").wait(FunctionName=f"{function}:{version}")
    account.functions.invoke(FunctionName=function, Qualifier=version, Payload='{"do": "echo"}')
    assert any(message.endswith(f" Version: {version}\n") for message in account.log_messages(function))


@pytest.mark.parametrize("invocation_type", ["RequestResponse", "Event"])
def test_a_client_context_reaches_the_handler(
    account: Account, function: str, invocation_type: Literal["RequestResponse", "Event"]
) -> None:
    said = base64.b64encode(b'{"custom": {"caller": "Ann"}}').decode()
    event = json.dumps({"do": "print_client"})
    account.functions.invoke(FunctionName=function, Payload=event, ClientContext=said, InvocationType=invocation_type)
    wait_for("the log", lambda: any("client: Ann" in message for message in account.log_messages(function)))
    account.invoke(function, "print_client")
    assert any("client: None" in message for message in account.log_messages(function))


def test_provisioned_concurrency_of_a_function_that_cannot_start_fails(account: Account) -> None:
    account.create("neverStarts", Handler="unknown_import.lambda_handler")
    version = account.functions.publish_version(FunctionName="neverStarts")["Version"]
    account.functions.get_waiter("function_active_v2").wait(FunctionName=f"neverStarts:{version}")
    account.functions.put_provisioned_concurrency_config(
        FunctionName="neverStarts", Qualifier=version, ProvisionedConcurrentExecutions=1
    )
    look = account.functions.get_provisioned_concurrency_config
    states = {"IN_PROGRESS", "FAILED", "READY"}
    status = wait_for(
        "the outcome",
        lambda: (states - {"IN_PROGRESS"}) & {look(FunctionName="neverStarts", Qualifier=version)["Status"]},
    )
    assert status == {"FAILED"}
    answered = account.functions.invoke(FunctionName="neverStarts", Qualifier=version, Payload="{}")
    assert json.load(answered["Payload"])["errorType"] == "Runtime.ImportModuleError"


def test_new_code_is_used_at_once_and_new_configuration_keeps_it(account: Account, function: str) -> None:
    account.invoke(function, "count")
    code = zipped(app="def lambda_handler(event, context):\n    return 'new code'\n")
    account.functions.update_function_code(FunctionName=function, ZipFile=code)
    wait_until_in_use(account.functions, function)
    assert account.invoke(function, "count") == "new code"
    account.functions.update_function_configuration(FunctionName=function, Timeout=5)
    wait_until_in_use(account.functions, function)
    assert account.invoke(function, "count") == "new code"


def test_an_update_lets_the_invocation_in_progress_finish(
    account: Account, function: str, announcements: Announcements
) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(account.invoke, function, "wait", seconds=1, announce_to=announcements.address)
        wait_for("the invocation", announcements.heard)
        account.functions.update_function_configuration(FunctionName=function, Timeout=10)
        assert waiting.result() is None


def test_a_runtime_that_is_not_python_is_refused(account: Account) -> None:
    with pytest.raises(Exception, match="Failed"):
        account.create("notPython", Runtime="nodejs20.x")
    reason = account.functions.get_function_configuration(FunctionName="notPython")["StateReason"]
    assert "function notPython has runtime nodejs20.x" in reason
    assert "runs Python functions from zip files only" in reason


def test_an_idle_environment_is_stopped_after_the_keep_alive(tmp_path: Path, announcements: Announcements) -> None:
    with Server(tmp_path / "localstack", free_port()).running({"LAMBDA_KEEPALIVE_MS": "300"}) as server:
        account = Account(server)
        variables = {"ANNOUNCE_TO": announcements.address}
        account.create("shortLived", Handler="announcing.lambda_handler", Environment={"Variables": variables})
        who = account.invoke("shortLived", "count")["who"]
        wait_for("the end of the environment", lambda: who not in announcements.alive())
        assert account.invoke("shortLived", "count")["calls"] == 1


def test_an_unknown_function_is_the_services_own_error(account: Account) -> None:
    with pytest.raises(ClientError, match="Function not found"):
        account.invoke("no-such-function", "echo")
