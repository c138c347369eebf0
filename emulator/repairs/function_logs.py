"""The logs of Lambda functions, in CloudWatch Logs before their invocation ends.

LocalStack 4.14.0 leaves them to a thread of the function's version. When the version is replaced, that thread ends with
what it still has, and takes nothing more of the invocations that are under way. It knows no log group but the one named
after the function, see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html.
"""

import logging
import threading
import time
from typing import Any

from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.logs import LogHandler, LogItem
from localstack.services.logs.models import get_moto_logs_backend
from localstack.utils.aws.arns import extract_account_id_from_arn
from moto.core.exceptions import RESTError

from emulator.environments.output import Log

LOG = logging.getLogger(__name__)

# Looking for a stream and making it is one step for one thread only.
_making = threading.Lock()


def write_logs_at_once() -> None:
    """Let the thread that invokes a function write its logs."""
    LogHandler.start_subscriber = _start_nothing
    LogHandler.add_logs = _write
    ExecutionEnvironment.get_log_group_name = _log_group_name


def _log_group_name(environment: Any) -> str:
    version = environment.function_version
    return (version.config.logging_config or {}).get("LogGroup") or f"/aws/lambda/{version.id.function_name}"


def _start_nothing(_handler: Any) -> None:
    pass


def _write(handler: Any, item: LogItem) -> None:
    store = get_moto_logs_backend(extract_account_id_from_arn(handler.role_arn), handler.region)
    now_milliseconds = int(time.time() * 1000)
    # CloudWatch Logs takes no empty lines.
    events = item.logs.events if isinstance(item.logs, Log) else item.logs.split("\n")
    lines = [{"timestamp": now_milliseconds, "message": f"{event}\n"} for event in events if event]
    try:
        with _making:
            store.ensure_log_group(item.log_group)
            store.ensure_log_stream(item.log_group, item.log_stream)
        store.put_log_events(item.log_group, item.log_stream, lines)
    except RESTError:
        LOG.exception("%d lines of a function's log were not written to %s", len(lines), item.log_group)
