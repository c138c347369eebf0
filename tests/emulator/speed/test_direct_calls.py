"""LocalStack's services call each other directly, and notice nothing of it."""

from types import SimpleNamespace
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import ClientError
from localstack.aws.api import CommonServiceException

from emulator.speed import direct_calls


class Provider:
    """Stands for a service of LocalStack: remembers what it is asked, and answers or raises."""

    def __init__(self) -> None:
        self.contexts: list[Any] = []
        self.requests: list[Any] = []
        self.error: Exception | None = None
        self.skeleton = SimpleNamespace(dispatch_table=dict.fromkeys(("PutEvents", "Invoke"), self))

    def __call__(self, context: Any, request: Any) -> Any:
        self.contexts.append(context)
        self.requests.append(request)
        if self.error:
            raise self.error
        return {"Entries": [], "FailedEntryCount": 0}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    monkeypatch.setattr(direct_calls, "SERVICE_PLUGINS", SimpleNamespace(require=lambda _service: provider))
    return provider


def call(service: Literal["events", "lambda"], operation: str, **parameters: Any) -> Any:
    """Call as a service would, with a client of account 111122223333; a request over HTTP answers `by request`."""
    client = boto3.Session("111122223333", "test", region_name="eu-west-1").client(service)
    return direct_calls._call(client, lambda _name, _parameters: "by request", operation, parameters)


ENTRY = {"Source": "project", "DetailType": "done", "Detail": "{}"}


def test_the_provider_is_asked_for_the_account_and_region_of_the_client(provider: Provider) -> None:
    answer = call("events", "PutEvents", Entries=[ENTRY], _SourceArn="arn:aws:iam::1:role/r")
    assert (answer["Entries"], answer["FailedEntryCount"]) == ([], 0)
    assert provider.requests == [{"Entries": [ENTRY]}]
    assert (provider.contexts[0].account_id, provider.contexts[0].region) == ("111122223333", "eu-west-1")


def test_only_asynchronous_invocations_are_direct(provider: Provider) -> None:
    assert call("lambda", "Invoke", FunctionName="f", InvocationType="RequestResponse", Payload=b"{}") == "by request"
    assert call("lambda", "Invoke", FunctionName="f", Payload=b"{}") == "by request"
    call("lambda", "Invoke", FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    assert [request["Payload"].read() for request in provider.requests] == [b'{"a": 1}']


def test_parameters_that_do_not_fit_are_left_to_the_client_to_refuse(provider: Provider) -> None:
    assert call("events", "PutEvents", Entries="no list") == "by request"
    assert not provider.requests


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (CommonServiceException("ThrottlingException", "slow down", 400), "ThrottlingException", 400),
        (RuntimeError("OrderedDict mutated during iteration"), "InternalError", 500),
    ],
)
def test_an_error_is_the_one_that_a_client_would_raise(
    provider: Provider, error: Exception, code: str, status: int
) -> None:
    provider.error = error
    with pytest.raises(ClientError, match=str(error)) as raised:
        call("events", "PutEvents", Entries=[ENTRY])
    metadata = raised.value.response["ResponseMetadata"]
    assert raised.value.response["Error"]["Code"] == code
    assert (metadata["HTTPStatusCode"], metadata["RequestId"]) == (status, provider.contexts[0].request_id)
