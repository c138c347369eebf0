"""Every shape of argument and answer of a direct call is what it would be over HTTP: each is sent both ways."""

import datetime
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import botocore.session
import localstack.services
import pytest
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError
from botocore.parsers import create_parser as client_parser
from botocore.response import StreamingBody
from botocore.serialize import create_serializer as client_serializer
from localstack.aws.api import CommonServiceException
from localstack.aws.handlers.service import ServiceExceptionSerializer
from localstack.aws.protocol.parser import create_parser
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.spec import load_service
from localstack.http import Request

from emulator.speed import direct_calls

NOON = datetime.datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=datetime.UTC)
ZURICH = datetime.timezone(datetime.timedelta(hours=1))
ENTRY = {"Source": "project", "DetailType": "done", "Detail": '{"name": "grün"}'}

ARGUMENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("events", "PutEvents", {"Entries": [ENTRY, {**ENTRY, "Resources": ["a", "b"], "EventBusName": "bus"}]}),
    ("events", "PutEvents", {"Entries": [{**ENTRY, "Time": NOON}], "EndpointId": "e"}),
    ("events", "PutEvents", {"Entries": [{**ENTRY, "Time": NOON.astimezone(ZURICH)}]}),
    ("events", "PutEvents", {"Entries": [{**ENTRY, "Time": "2026-01-02T12:00:00+01:00"}]}),
    ("events", "PutEvents", {"Entries": [{**ENTRY, "Time": 1_767_355_200}]}),
    ("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event"}),
    ("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event", "Payload": b'{"a": 1}'}),
    ("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event", "Payload": '"grün"'}),
    ("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event", "Payload": bytearray(b"1")}),
    ("lambda", "Invoke", {"FunctionName": "f", "InvocationType": "Event", "Payload": io.BytesIO(b"1")}),
    (
        "lambda",
        "Invoke",
        {
            "FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f:live",
            "Qualifier": "live",
            "LogType": "Tail",
        },
    ),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "grün"}]},
    ),
    (
        "logs",
        "PutLogEvents",
        {
            "logGroupName": "g",
            "logStreamName": "s",
            "logEvents": [{"timestamp": 1, "message": "a"}, {"timestamp": 2, "message": "b"}],
            "entity": {"keyAttributes": {"Type": "Service"}},
        },
    ),
    ("stepfunctions", "StartExecution", {"stateMachineArn": "m"}),
    ("stepfunctions", "StartExecution", {"stateMachineArn": "m", "name": "n", "input": "{}", "traceHeader": "t"}),
    ("stepfunctions", "SendTaskSuccess", {"taskToken": "t", "output": '"grün"'}),
    ("stepfunctions", "SendTaskFailure", {"taskToken": "t"}),
    ("stepfunctions", "SendTaskFailure", {"taskToken": "t", "error": "E", "cause": ""}),
]
ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    ("events", "PutEvents", {"FailedEntryCount": 0, "Entries": []}),
    (
        "events",
        "PutEvents",
        {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "E", "EventId": None}]},
    ),
    ("lambda", "Invoke", {"StatusCode": 202}),
    ("lambda", "Invoke", {"StatusCode": 202, "Payload": None, "FunctionError": None, "LogResult": None}),
    ("lambda", "Invoke", {"StatusCode": 202, "Payload": b"", "ExecutedVersion": "$LATEST"}),
    ("lambda", "Invoke", {"StatusCode": 202, "Payload": "null"}),
    ("logs", "PutLogEvents", {}),
    ("logs", "PutLogEvents", {"nextSequenceToken": "1", "rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 0}}),
    ("logs", "PutLogEvents", {"nextSequenceToken": None, "rejectedLogEventsInfo": None}),
    ("stepfunctions", "StartExecution", {"executionArn": "e", "startDate": NOON}),
    ("stepfunctions", "StartExecution", {"executionArn": "e", "startDate": NOON, "notInTheModel": 1}),
    ("stepfunctions", "SendTaskSuccess", {}),
    ("stepfunctions", "SendTaskFailure", {}),
]
ERRORS: list[Exception] = [
    CommonServiceException("ThrottlingException", "slow down", 429),
    CommonServiceException("ResourceNotFoundException", "no such thing", 404, sender_fault=True),
    NotImplementedError("not here"),
    RuntimeError("OrderedDict mutated during iteration"),
]


def operation(service: str, name: str) -> Any:
    """What botocore knows of an operation."""
    return botocore.session.get_session().get_service_model(service).operation_model(name)


def client(service: str) -> Any:
    return botocore.session.get_session().create_client(
        service,
        "us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )


def plain(value: Any) -> Any:
    """A value that can be compared: what streams are read."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, StreamingBody | io.BytesIO):
        return value.read()
    return value


@pytest.mark.parametrize(("service", "name", "parameters"), ARGUMENTS)
def test_an_argument_is_what_the_service_would_have_read(service: str, name: str, parameters: dict[str, Any]) -> None:
    model = operation(service, name)
    direct = plain(direct_calls.as_received(model.input_shape, parameters))
    for value in parameters.values():
        if isinstance(value, io.BytesIO):
            value.seek(0)
    sent = client_serializer(model.metadata["protocol"]).serialize_to_request(parameters, model)
    body = sent["body"].encode() if isinstance(sent["body"], str) else sent["body"]
    body = body.read() if hasattr(body, "read") else bytes(body)
    request = Request(
        method=sent["method"],
        path=sent["url_path"],
        query_string=urlencode(sent["query_string"]),
        headers=dict(sent["headers"]),
        body=body,
    )
    _operation, received = create_parser(load_service(service)).parse(request)
    expected = {name: item for name, item in plain(received).items() if item not in (None, b"")}
    assert direct == expected


@pytest.mark.parametrize(("service", "name", "answer"), ANSWERS)
def test_an_answer_is_what_the_client_would_have_parsed(service: str, name: str, answer: dict[str, Any]) -> None:
    model = operation(service, name)
    shape = model.output_shape
    sent = create_serializer(load_service(service)).serialize_to_response(
        dict(answer), load_service(service).operation_model(name), {}, "id"
    )
    body = sent.get_data()
    if model.has_streaming_output:
        body = StreamingBody(io.BytesIO(body), len(body))
    received = {"status_code": sent.status_code, "headers": HeadersDict(sent.headers), "body": body}
    expected = client_parser(model.metadata["protocol"]).parse(received, shape)
    metadata = expected.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == answer.get("StatusCode", 200)
    direct = direct_calls.as_parsed(shape, answer)
    assert isinstance(direct.get("Payload"), StreamingBody) == model.has_streaming_output
    assert plain(direct) == plain(expected)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("service", "name"), [(service, name) for service, name, _answer in ANSWERS[::2]])
def test_an_error_is_what_the_client_would_have_raised(service: str, name: str, error: Exception) -> None:
    caller = client(service)
    context = direct_calls._context(caller, caller.meta.service_model.operation_model(name), {})
    raised = direct_calls._client_error(caller, context, error)
    sent = ServiceExceptionSerializer().create_exception_response(error, context)
    received = {"status_code": sent.status_code, "headers": HeadersDict(sent.headers), "body": sent.get_data()}
    expected = client_parser(operation(service, name).metadata["protocol"]).parse(
        received, operation(service, name).output_shape
    )
    assert isinstance(raised, ClientError)
    assert raised.operation_name == name
    assert raised.response["Error"] == expected["Error"]
    assert raised.response["ResponseMetadata"]["HTTPStatusCode"] == sent.status_code


def test_all_operations_that_are_called_directly_are_in_these_tables() -> None:
    called = {(service, name) for service, names in direct_calls.OPERATIONS.items() for name in names}
    for table in (ARGUMENTS, ANSWERS):
        assert {(service, name) for service, name, _value in table} == called


def test_what_the_service_does_with_its_request_does_not_change_the_callers() -> None:
    entries = [dict(ENTRY)]
    direct_calls.as_received(operation("events", "PutEvents").input_shape, {"Entries": entries})["Entries"][0].clear()
    assert entries == [ENTRY]


# Task states that call whatever operation their resource names, and read all of the answer but its ResponseMetadata.
TASKS = "services/stepfunctions/asl/component/state/state_execution/state_task/service/"
# Who calls these operations with a client of LocalStack's own, and what it reads of the answer. The services that the
# sandbox does not have, and what they share, are left out.
CALLERS = {
    "services/events/target.py": "nothing, or FailedEntryCount and Entries",
    "services/lambda_/event_source_mapping/senders/lambda_sender.py": "by request: it waits for the answer",
    "services/lambda_/invocation/logs.py": "nothing; the code of an error",
    "services/logs/provider.py": "by request: it does not say that the call is asynchronous",
    "services/s3/notifications.py": "nothing; the error",
    f"{TASKS.removesuffix('service/')}lambda_eval_utils.py": "all, Payload as a stream",
    "services/stepfunctions/asl/eval/event/logging.py": "nothing; the error's class, by the client's exceptions",
    "services/stepfunctions/backend/execution.py": "nothing",
}
SERVICES = ("events", "iam", "lambda_", "logs", "s3", "sqs", "stepfunctions", "sts")
CALL = re.compile(r"client\(?\)?\.(put_events|put_log_events|start_execution|invoke)\(")


def test_every_caller_is_known() -> None:
    root = Path(localstack.services.__file__).parent
    sources = [path for service in SERVICES for path in (root / service).rglob("*.py")]
    callers = {f"services/{path.relative_to(root)}" for path in sources if CALL.search(path.read_text())}
    assert callers == set(CALLERS)
    by_name = {path.name for path in (root.parent / TASKS).glob("*.py") if "getattr(" in path.read_text()}
    assert {"state_task_service_aws_sdk.py", "state_task_service_events.py", "state_task_service_sfn.py"} <= by_name
