"""Answer as the services did that were saved: what reads a sandbox reads a file by the same ways."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from bootstrap.arns import Arns
from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.resources.description import KEY
from bootstrap.settings import Settings, load_settings
from bootstrap.stack_json import from_json_object
from observatory.saved.asking import question
from observatory.saved.errors import SavedFileError
from observatory.saved.file import Saved, read

LISTED_EXECUTIONS = 100
HISTORY_EVENTS = 1000


class NotSavedError(ClientError):
    """What is answered to a question that the file has no answer to."""

    def __init__(self, operation: str, code: str = "NotSaved") -> None:
        message = "this is a saved sandbox: it can be read, and nothing can be changed in it"
        super().__init__({"Error": {"Code": code, "Message": message}}, operation)


def open_clients(file: Path) -> Clients:
    """Clients that answer from a file.

    Raises:
        SavedFileError: There is none, it is no saved sandbox, or one of another version.
    """
    return cast(Clients, SavedClients(read(file), file))


class SavedClients:
    """What answers in the place of :class:`Clients`.

    Args:
        saved: What there was.
        file: Where it is from, for messages.
        account: Whose services these are; "" for the account that was saved.
    """

    def __init__(self, saved: Saved, file: Path, account: str = "") -> None:
        self._saved = saved
        self._file = file
        self.account = account or saved.account
        self.bucket = saved.bucket
        self.arns = Arns(self.account, saved.region)
        self.events = self.iam = self.lambda_ = self.logs = self.s3 = self.sqs = self.states = Answers(saved, account)

    @cached_property
    def settings(self) -> Settings:
        """The settings that the file takes the place of."""
        return replace(load_settings(), endpoint_url=str(self._file), endpoint_is_default=False)

    @cached_property
    def stack(self) -> Stack:
        """The stack that was deployed."""
        try:
            return from_json_object(json.loads(self._saved.objects[KEY]))
        except (KeyError, ValueError, TypeError) as error:
            raise SavedFileError(f"{self._file} does not say what the stack is") from error

    def of_account(self, account: str) -> "SavedClients":
        """What answers for another account."""
        return SavedClients(self._saved, self._file, account)


class Answers:
    """All services of an account.

    Args:
        saved: What there was.
        account: Whose; "" for the account that was saved.
    """

    exceptions = SimpleNamespace(NoSuchKey=NotSavedError, NoSuchBucket=NotSavedError, QueueDoesNotExist=NotSavedError)

    def __init__(self, saved: Saved, account: str) -> None:
        self._saved = saved
        self._account = account
        self._by_arn = {execution["executionArn"]: execution for execution in saved.executions}

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **asked: self._noted(operation, asked)

    def get_paginator(self, operation: str) -> "Pages":
        """What asks for all pages of an answer."""
        pages: dict[str, Callable[..., list[Any]]] = {
            "filter_log_events": self._log_pages,
            "list_objects_v2": self._object_pages,
        }
        return Pages(pages.get(operation) or (lambda **asked: self._noted(operation, asked)))

    def list_executions(self, stateMachineArn: str, maxResults: int = LISTED_EXECUTIONS, nextToken: str = "0") -> Any:  # noqa: ANN401, N803
        """The newest executions of a machine, by the page."""
        machine = stateMachineArn
        mine = [one for one in self._saved.executions if one["stateMachineArn"] == machine]
        mine.sort(key=lambda one: one["startDate"], reverse=True)
        first, end = int(nextToken), int(nextToken) + maxResults
        return {"executions": mine[first:end], **({"nextToken": str(end)} if end < len(mine) else {})}

    def describe_execution(self, executionArn: str) -> Any:  # noqa: ANN401, N803
        """What is known of an execution."""
        if executionArn not in self._by_arn:
            raise NotSavedError("DescribeExecution", "ExecutionDoesNotExist")
        return self._by_arn[executionArn]

    def describe_state_machine_for_execution(self, executionArn: str) -> Any:  # noqa: ANN401, N803
        """The definition that it was started with."""
        return {"definition": self.describe_execution(executionArn)["definition"]}

    def get_execution_history(self, executionArn: str, **_asked: object) -> Any:  # noqa: ANN401, N803
        """All of its history, newest first, which is how it is read."""
        return {"events": self.describe_execution(executionArn)["history"][::-1]}

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: ANN401, N803
        """An object."""
        if Bucket != self._saved.bucket or Key not in self._saved.objects:
            raise NotSavedError("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(self._saved.objects[Key])}

    def filter_log_events(self, **asked: Any) -> Any:  # noqa: ANN401
        """The events of a log group."""
        return self._log_pages(**asked)[0]

    def _log_pages(self, **asked: Any) -> list[Any]:  # noqa: ANN401
        events = self._saved.logs.get(self._account, {}).get(asked["logGroupName"])
        if events is None:
            raise NotSavedError("FilterLogEvents", "ResourceNotFoundException")
        since, until = asked.get("startTime", 0), asked.get("endTime", float("inf"))
        numbered = ({"eventId": str(number), **event} for number, event in enumerate(events))
        return [{"events": [event for event in numbered if since <= event["timestamp"] <= until]}]

    def _object_pages(self, Bucket: str, Prefix: str = "", **_asked: object) -> list[Any]:  # noqa: N803
        found = self._saved.listed if Bucket == self._saved.bucket else []
        return [{"Contents": [one for one in found if one["Key"].startswith(Prefix)]}]

    def _noted(self, operation: str, asked: Mapping[str, object]) -> Any:  # noqa: ANN401
        answer = self._saved.answers.get(question(self._account, operation, asked))
        if answer is None:
            raise NotSavedError(operation)
        if isinstance(answer, dict) and answer.keys() == {"Error"}:
            raise ClientError(cast(Any, answer), operation)
        return answer


class Pages:
    """Asks for all pages of an answer."""

    def __init__(self, pages: Callable[..., list[Any]]) -> None:
        self._pages = pages

    def paginate(self, PaginationConfig: object = None, **asked: Any) -> Iterator[Any]:  # noqa: ANN401, N803
        """Each page."""
        return iter(self._pages(**asked))
