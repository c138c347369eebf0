"""Choices that fail as on AWS, and that compare as AWS does.

LocalStack 4.14.0 lets a rule about a field that is not there be false, and calls it States.Runtime when no rule fits.
It knows timestamps in UTC and whole seconds only; its StringMatches knows other wildcards than `*`, and no escaped one.
https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
https://states-language.net/spec.html#choice-state
"""

import datetime
import functools
import re
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.comparison_variable import (
    ComparisonVariable,
)
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.operator.implementations import (
    is_operator,
    string_operators,
)
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.variable import NoSuchVariable
from localstack.services.stepfunctions.asl.component.state.state_choice.state_choice import StateChoice
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."
INVALID_PATH = "Invalid path '{}': The choice state's condition path references an invalid value."

# RFC 3339 with an upper-case T, and Z or an offset.
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
# What has a meaning in a pattern of StringMatches: an escaped character, or a wildcard.
SPECIAL = re.compile(r"\\(.)|(\*)|([^\\*]+|\\)", re.DOTALL)
REMEMBERED_PATTERNS = 1024


def choose_as_aws() -> None:
    """Fail where AWS fails, and compare timestamps and patterns as it does."""
    StateChoice._eval_state = _failing_without_match(StateChoice._eval_state)
    ComparisonVariable._eval_body = _compare
    is_operator.IsTimestamp.string_to_timestamp = staticmethod(read_timestamp)
    is_operator.IsTimestamp.eval = staticmethod(_is_timestamp)
    string_operators.StringMatches._compare = staticmethod(string_matches)


def read_timestamp(text: Any) -> datetime.datetime | None:
    """The time that a timestamp of the States Language means; nothing for any other text."""
    if not isinstance(text, str) or not TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def string_matches(text: Any, pattern: str) -> bool:
    r"""Whether a text is like a pattern, in which `*` stands for anything, and `\*` for itself."""
    return isinstance(text, str) and bool(_expression(pattern).fullmatch(text))


@functools.lru_cache(REMEMBERED_PATTERNS)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (".*" if wildcard else re.escape(escaped or plain) for escaped, wildcard, plain in SPECIAL.findall(pattern))
    return re.compile("".join(parts), re.DOTALL)


def _is_timestamp(env: Any, value: bool) -> None:
    variable = env.stack.pop()
    env.stack.append((read_timestamp(variable) is not None) is value)


def _compare(comparison: Any, env: Any) -> None:
    comparison.variable.eval(env)
    operator = comparison.comparison_function.operator_type
    if isinstance(env.stack[-1], NoSuchVariable) and operator != ComparisonOperatorType.IsPresent:
        path = comparison.variable.string_sampler.literal_value
        raise _failure(env, "States.Runtime", INVALID_PATH.format(path))
    comparison.comparison_function.eval(env)


def _failing_without_match(eval_choice: Any) -> Any:
    @functools.wraps(eval_choice)
    def eval_or_fail(state: Any, env: Any) -> None:
        try:
            eval_choice(state, env)
        except RuntimeError as error:
            if error.args[:1] != ("No branching option reached in state %s",):
                raise
            raise _failure(env, "States.NoChoiceMatched", NO_MATCH) from error

    return eval_or_fail


def _failure(env: Any, error: str, cause: str) -> FailureEventException:
    details = EventDetails(executionFailedEventDetails={"error": error, "cause": cause})
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(error),
            event_type=HistoryEventType.ExecutionFailed,
            event_details=details,
        )
    )
