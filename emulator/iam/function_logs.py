"""The logs of functions, which are written in the function's role; without its leave they are lost, as on AWS.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from collections.abc import Callable
from typing import Any

from localstack.services.lambda_.invocation.logs import LogHandler
from localstack.services.logs.models import get_moto_logs_backend

from emulator.iam.actions import Access
from emulator.iam.callers import Caller, session_of
from emulator.iam.resources import Call

PREFIX = "/aws/lambda/"


def write_if_allowed(is_allowed: Callable[[Caller, Access, Call], bool]) -> None:
    """Ask for what Lambda does to write a log: make the group if there is none, make the stream, put the lines."""
    add_logs = LogHandler.add_logs

    def add_if_allowed(handler: Any, item: Any) -> None:  # noqa: ANN401
        account = handler.role_arn.split(":")[4]
        caller = Caller(session_of(handler.role_arn, item.log_group.removeprefix(PREFIX)))
        call = Call("logs", "PutLogEvents", {}, account, handler.region)
        stream = call.arn("logs", f"log-group:{item.log_group}:log-stream:{item.log_stream}")
        group = get_moto_logs_backend(account, handler.region).groups.get(item.log_group)
        needed = [Access("logs:PutLogEvents", stream)]
        if group is None or item.log_stream not in group.streams:
            needed.insert(0, Access("logs:CreateLogStream", stream))
        if group is None:
            needed.insert(0, Access("logs:CreateLogGroup", stream.removesuffix(item.log_stream)))
        if all(is_allowed(caller, access, call) for access in needed):
            add_logs(handler, item)

    LogHandler.add_logs = add_if_allowed
