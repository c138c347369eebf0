"""What AWS refuses in an event pattern, beyond what LocalStack 4.14.0's compiler of patterns does.

That compiler has AWS's wording, and is asked for the filters of queues only, not when a rule is made. The rest is
worded as in https://github.com/aws/event-ruler, by which EventBridge itself reads patterns.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from localstack.aws.api.events import InvalidEventPatternException
from localstack.services.events.event_rule_engine import EventPatternCompiler

REASON = "Event pattern is not valid. Reason: "
OR = "$or"
ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
WILDCARDS_AT_MOST = 5
UNLIKE = "anything-but"


def check_wildcard(_compiler: Any, value: Any) -> None:
    """What LocalStack's compiler asks of a wildcard, with what a backslash does in it.

    Raises:
        InvalidEventPatternException: AWS would refuse it.
    """
    if not isinstance(value, str):
        raise _fault("wildcard match pattern must be a string")
    for escape in ESCAPE.finditer(value):
        if escape[1] not in ("*", "\\"):
            raise _fault(f"Invalid escape character at pos {escape.start()}")
    # As many letters, so that positions stay.
    plain = ESCAPE.sub("__", value)
    if "**" in plain:
        raise _fault(f"Consecutive wildcard characters at pos {plain.index('**') + 1}")
    if plain.count("*") > WILDCARDS_AT_MOST:
        raise _fault(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences"
            " after a wildcard character"
        )


class _Compiler(EventPatternCompiler):  # type: ignore[misc]  # LocalStack is untyped
    _validate_wildcard = check_wildcard


def check_pattern(text: str) -> dict[str, Any]:
    """The pattern that a text holds.

    Raises:
        InvalidEventPatternException: AWS would refuse it.
    """
    try:
        pattern = json.loads(text)
    except ValueError:
        pattern = None
    if isinstance(pattern, dict):
        _check_object(pattern)
    valid: dict[str, Any] = _Compiler().compile_event_pattern(text)
    return valid


def _fault(reason: str) -> InvalidEventPatternException:
    return InvalidEventPatternException(f"{REASON}{reason}")


def _check_object(pattern: Mapping[str, Any]) -> None:
    if not pattern:
        raise _fault("Empty objects are not allowed")
    for name, asked in pattern.items():
        if name == OR:
            _check_choices(asked)
        elif isinstance(asked, dict):
            _check_object(asked)
        elif isinstance(asked, list):
            for condition in asked:
                _check_condition(condition)


def _check_choices(choices: Any) -> None:
    if not isinstance(choices, list):
        raise _fault(f"It must be an Array followed with {OR}.")
    if not all(isinstance(choice, dict) for choice in choices):
        raise _fault(f"Only JSON object is allowed in array of {OR} relationship.")
    if len(choices) < 2:  # noqa: PLR2004  # or it is no choice
        raise _fault(f"There must have at least 2 Objects in {OR} relationship.")
    for choice in choices:
        _check_object(choice)


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict) or len(condition) != 1:
        return
    ((name, operand),) = condition.items()
    if name in ("prefix", "suffix") and isinstance(operand, dict):
        if not (len(operand) == 1 and all(isinstance(text, str) for text in operand.values())):
            raise _fault(f"{name} match pattern must be a string")
    elif name == "numeric" and isinstance(operand, list) and any(isinstance(bound, bool) for bound in operand):
        raise _fault("Value of numeric must be numeric")
    elif name == UNLIKE:
        _check_unlike(operand)


def _check_unlike(operand: Any) -> None:
    if isinstance(operand, bool):
        raise _fault(f"Value of {UNLIKE} must be an array or single string/number value.")
    if isinstance(operand, dict) and len(operand) != 1:
        raise _fault("Only one key allowed in match expression")
    within = next(iter(operand.values())) if isinstance(operand, dict) else operand
    if within == []:
        raise _fault("Empty arrays are not allowed")
    # Of a list within another operator, LocalStack's compiler says what AWS does.
    if isinstance(operand, list) and not all(
        isinstance(one, str | int | float) and not isinstance(one, bool) for one in operand
    ):
        raise _fault("Inside anything but list, start|null|boolean is not supported.")
