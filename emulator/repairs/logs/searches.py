"""FilterLogEvents and GetLogEvents: which events they find, and in which order.

LocalStack 4.14.0 finds all events whatever the filter pattern, ignores the prefix of streams, gives out one stream
after the other, and takes the end of GetLogEvents for a part of its range. It takes any text for a filter pattern.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import functools
import json
from collections.abc import Callable
from typing import Any

from localstack.services.logs import provider
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend, LogStream
from moto.logs.responses import LogsResponse

from emulator.repairs.logs.conditions import PatternError
from emulator.repairs.logs.filter_patterns import Filter, filter_of

# No stream has this name.
NOWHERE = ""


def search_as_aws() -> None:
    """Find what fits, in the order of time."""
    get = LogStream.get_log_events

    def get_before_end(self: Any, start_time: Any, end_time: Any, *others: Any) -> Any:
        # Events have whole milliseconds.
        return get(self, start_time, end_time - 1 if end_time else end_time, *others)

    provider.get_pattern_matcher = _matcher
    LogsResponse.filter_log_events = _filter_log_events
    LogStream.get_log_events = get_before_end
    LogsBackend.put_subscription_filter = _with_valid_pattern(LogsBackend.put_subscription_filter, place=2)
    LogsBackend.put_metric_filter = _with_valid_pattern(LogsBackend.put_metric_filter, place=1)


def valid_filter(pattern: str | None) -> Filter:
    """What tells of a message whether it fits a pattern.

    Raises:
        InvalidParameterException: CloudWatch Logs would refuse the pattern.
    """
    try:
        return filter_of(pattern or "")
    except PatternError as error:
        raise InvalidParameterException(str(error)) from error


def _matcher(pattern: str) -> Callable[[str, Any], bool]:
    fits = valid_filter(pattern)
    return lambda _pattern, event: fits(event["message"])


def _with_valid_pattern(put: Any, place: int) -> Any:
    """An operation of a store that has a filter pattern at a place of its arguments."""

    @functools.wraps(put)
    def put_valid(self: Any, *arguments: Any) -> Any:
        valid_filter(arguments[place])
        return put(self, *arguments)

    return put_valid


def _filter_log_events(self: Any) -> str:
    asked = self._get_param
    valid_filter(asked("filterPattern"))
    found, token, searched = self.logs_backend.filter_log_events(
        asked("logGroupName"),
        _streams(self.logs_backend, asked("logGroupName"), asked("logStreamNames"), asked("logStreamNamePrefix")),
        asked("startTime"),
        asked("endTime"),
        asked("limit"),
        asked("nextToken"),
        asked("filterPattern"),
        interleaved=True,
    )
    return json.dumps({"events": found, "nextToken": token, "searchedLogStreams": searched})


def _streams(store: Any, group: str, names: list[str] | None, prefix: str | None) -> list[str]:
    """The names of the streams that are searched; none for all."""
    if not prefix:
        return names or []
    if names:
        raise InvalidParameterException("logStreamNames and logStreamNamePrefix cannot be given together.")
    if group not in store.groups:
        raise ResourceNotFoundException
    return [name for name in store.groups[group].streams if name.startswith(prefix)] or [NOWHERE]
