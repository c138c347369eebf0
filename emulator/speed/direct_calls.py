"""Calls from one service of LocalStack to another, as calls of Python.

LocalStack's services call each other with boto3 clients. Even in memory, each call is written to an HTTP request that
passes twenty handlers, is parsed, answered, and parsed again. The operations that a run consists of go without.
"""

import functools
from collections.abc import Callable
from datetime import UTC
from http import HTTPStatus
from io import BytesIO
from typing import Any

from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.response import StreamingBody
from botocore.utils import parse_timestamp, parse_to_aware_datetime
from botocore.validate import ParamValidator
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.connect import InternalClientFactory
from localstack.aws.handlers.service import ServiceExceptionSerializer
from localstack.http import Request
from localstack.services.logs.models import get_moto_logs_backend
from localstack.services.logs.provider import LogsProvider
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.aws.arns import get_partition
from localstack.utils.xray.trace_header import TraceHeader
from moto.core.exceptions import RESTError

type ApiCall = Callable[[str, dict[str, Any]], Any]

# None of them answers with a stream: Invoke does so only when it is not asynchronous.
OPERATIONS = {
    "events": {"PutEvents"},
    "lambda": {"Invoke"},
    "logs": {"PutLogEvents"},
    "stepfunctions": {"StartExecution", "SendTaskSuccess", "SendTaskFailure"},
}
# How a service says in whose name it calls, and how LocalStack tells the other one.
CALLED_FOR = {"_ServicePrincipal": "service_principal", "_SourceArn": "source_arn"}
FOR_HEADERS = frozenset({"TraceHeader", *CALLED_FOR})
# What providers read of a request, such as its user agent, none of these calls has.
NO_REQUEST = Request(method="POST", path="/")


def call_services_directly() -> None:
    """Let the clients that LocalStack makes for itself call these operations' providers."""
    get_client = InternalClientFactory._get_client_post_hook

    def with_direct_calls(self: InternalClientFactory, client: Any) -> Any:
        client = get_client(self, client)
        service = client.meta.service_model.service_name
        if service in OPERATIONS:
            client._make_api_call = functools.partial(_call, client, client._make_api_call)
        return client

    InternalClientFactory._get_client_post_hook = with_direct_calls


def _call(client: Any, by_request: ApiCall, name: str, parameters: dict[str, Any]) -> Any:
    service = client.meta.service_model.service_name
    synchronous = service == "lambda" and parameters.get("InvocationType") != "Event"
    if name not in OPERATIONS[service] or synchronous:
        return by_request(name, parameters)
    operation = client.meta.service_model.operation_model(name)
    # What is not the operation's own is for headers: the trace, and for whom the call is made.
    own = {key: value for key, value in parameters.items() if key not in FOR_HEADERS}
    if ParamValidator().validate(own, operation.input_shape).has_errors() or not own.keys() <= _members(operation):
        return by_request(name, parameters)  # and be told what is wrong
    request = as_received(operation.input_shape, own)
    if "Payload" in request:
        request["Payload"] = BytesIO(request["Payload"])
    context = _context(client, operation, parameters)
    try:
        answer = SERVICE_PLUGINS.require(service).skeleton.dispatch_table[name](context, request)
    except Exception as error:
        raise _client_error(client, context, error) from error
    return as_parsed(operation.output_shape, answer or {}) | _metadata(context, answer or {})


def _members(operation: Any) -> Any:
    return operation.input_shape.members.keys()


def as_received(shape: Any, value: Any) -> Any:
    """A parameter as a service reads it from a request: a value of its own, in the types that the request has.

    Args:
        shape: What botocore knows of the parameter.
        value: The parameter, as it was given to the client.
    """
    match shape.type_name:
        case "structure":
            return {name: as_received(shape.members[name], item) for name, item in value.items()}
        case "map":
            return {key: as_received(shape.value, item) for key, item in value.items()}
        case "list":
            return [as_received(shape.member, item) for item in value]
        case "timestamp":  # in whole seconds
            return parse_to_aware_datetime(value).astimezone(UTC).replace(microsecond=0)
        case "blob":
            data = value.read() if hasattr(value, "read") else value
            return data.encode() if isinstance(data, str) else bytes(data)
    return value


def as_parsed(shape: Any, value: Any) -> Any:
    """An answer as a client reads it: a value of its own, with what the operation has and nothing that is missing.

    Args:
        shape: What botocore knows of the answer.
        value: The answer, as the service gave it.
    """
    match shape.type_name:
        case "structure":
            given = {name: item for name, item in value.items() if item is not None and name in shape.members}
            parsed = {name: as_parsed(shape.members[name], item) for name, item in given.items()}
            payload = shape.serialization.get("payload")
            if payload and shape.members[payload].type_name == "blob":
                body = parsed.get(payload, b"")
                parsed[payload] = StreamingBody(BytesIO(body), len(body))
            return parsed
        case "list":
            return [as_parsed(shape.member, item) for item in value]
        case "timestamp":
            return parse_timestamp(value.timestamp())
        case "blob":
            return value.encode() if isinstance(value, str) else bytes(value)
    return value


def _metadata(context: RequestContext, answer: Any) -> dict[str, Any]:
    status = answer.get("StatusCode") or HTTPStatus.OK
    metadata = {"RequestId": context.request_id, "HTTPStatusCode": int(status), "HTTPHeaders": {}, "RetryAttempts": 0}
    return {"ResponseMetadata": metadata}


def _context(client: Any, operation: Any, parameters: dict[str, Any]) -> RequestContext:
    access_key = client._request_signer._credentials.access_key
    context = context_of(NO_REQUEST, operation, access_key, client.meta.region_name)
    trace_header = parameters.get("TraceHeader") or TraceHeader()
    context.trace_context["aws_trace_header"] = trace_header.ensure_root_exists()
    context.internal_request_params = {
        name: parameters[given] for given, name in CALLED_FOR.items() if given in parameters
    }
    return context


def context_of(request: Request, operation: Any, access_key: str, region: str) -> RequestContext:
    """What LocalStack's handlers would find out about a request.

    Args:
        request: The request, or one that says nothing.
        operation: What botocore knows of the operation.
        access_key: Whose call it is; the account follows from it.
        region: Where the operation is done.
    """
    context = RequestContext(request)
    context.service = operation.service_model
    context.operation = operation
    context.region = region
    context.partition = get_partition(region)
    context.account_id = get_account_id_from_access_key_id(access_key)
    # LocalStack's handlers leave it in the headers.
    context.access_key = access_key
    return context


def _client_error(client: Any, context: RequestContext, error: Exception) -> ClientError:
    """The error as the client would have read it from an answer: by the way that an answer goes."""
    answer = ServiceExceptionSerializer().create_exception_response(error, context)
    received = {"status_code": answer.status_code, "headers": HeadersDict(answer.headers), "body": answer.get_data()}
    parser = create_parser(client.meta.service_model.metadata["protocol"])
    parsed = parser.parse(received, context.operation.output_shape)
    kind: type[ClientError] = client.exceptions.from_code(parsed["Error"]["Code"])
    return kind(parsed, context.operation.name)


def write_logs_directly() -> None:
    """Put log events into the store: the provider would hand on the HTTP request, which a direct call does not have."""
    LogsProvider.put_log_events = _put_log_events


def _put_log_events(
    _provider: LogsProvider,
    context: RequestContext,
    log_group_name: str,
    log_stream_name: str,
    log_events: list[Any],
    **_options: object,
) -> dict[str, Any]:
    # Nothing is done for metric filters: they need CloudWatch, which is not among the services.
    store = get_moto_logs_backend(context.account_id, context.region)
    try:
        token, rejected = store.put_log_events(log_group_name, log_stream_name, log_events)
    except RESTError as error:
        raise CommonServiceException(error.error_type, str(error.message)) from error
    return {"nextSequenceToken": token} | ({"rejectedLogEventsInfo": rejected} if rejected else {})
