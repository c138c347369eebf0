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
from emulator.iam.shortcuts import LONGEST_MEMORY, Shortcuts

PREFIX = "/aws/lambda/"


def write_if_allowed(is_allowed: Callable[[Caller, Access, Call], bool], shortcuts: Shortcuts) -> None:
    """Ask for what Lambda does to write a log: make the group if there is none, make the stream, put the lines.

    Args:
        is_allowed: Whether something may be done.
        shortcuts: Says whether that may have changed since.
    """
    add_logs = LogHandler.add_logs
    allowed: dict[str, tuple[str, int]] = {}

    def add_if_allowed(handler: Any, item: Any) -> None:  # noqa: ANN401
        now = (handler.role_arn, shortcuts.version)
        where = f"{item.log_group}:{item.log_stream}"
        if allowed.get(where) == now or may_add(handler, item):
            add_logs(handler, item)
            # Group and stream are there by now.
            if len(allowed) >= LONGEST_MEMORY:
                allowed.clear()
            allowed[where] = now

    def may_add(handler: Any, item: Any) -> bool:  # noqa: ANN401
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
        return all(is_allowed(caller, access, call) for access in needed)

    LogHandler.add_logs = add_if_allowed
