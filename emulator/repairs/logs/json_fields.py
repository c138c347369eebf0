"""Filter patterns for log events of JSON: ``{ $.level = "ERROR" && $.code >= 500 }``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events
"""

import json
import re
from collections.abc import Callable
from typing import Any

from emulator.repairs.logs.conditions import COMPARISONS, Parser, PatternError, comparison

WORD = re.compile(
    r"""\s*(
        \|\| | && | \( | \)
      | != | <= | >= | = | < | >
      | "(?:[^"\\]|\\.)*"
      | %[^%]*%
      | \$(?:\.[\w*-]+ | \[(?:\d+|\*)\] | \.?\[(?:'[^']*'|"[^"]*")\])+
      | [^\s()=!<>&|"%]+
    )\s*""",
    re.VERBOSE,
)
STEP = re.compile(r"""\.([\w*-]+)|\[(\d+|\*)\]|\[['"]([^'"]*)['"]\]""")
IS = {"TRUE": True, "FALSE": False, "NULL": None}

type Condition = Callable[[Any], bool]


def json_filter(text: str) -> Callable[[str], bool]:
    """What tells of a message whether it is JSON that fits a pattern in braces.

    Raises:
        PatternError: CloudWatch Logs would refuse the pattern.
    """
    if not text.endswith("}"):
        raise PatternError(text)
    fits = Parser(_words(text[1:-1]), _condition).read()

    def fits_message(message: str) -> bool:
        try:
            return fits(json.loads(message))
        except ValueError:
            return False

    return fits_message


def _words(text: str) -> list[str]:
    words, at = [], 0
    while at < len(text):
        found = WORD.match(text, at)
        if not found:
            raise PatternError(text)
        words.append(found[1])
        at = found.end()
    return words


def _condition(parser: Parser[Any]) -> Condition:
    path, sign = parser.next(), parser.next().upper()
    if not path.startswith("$"):
        raise PatternError(path)
    steps = [_step(found) for found in STEP.finditer(path)]
    if sign == "IS":
        return _identity(steps, parser.next().upper())
    if sign == "NOT" and parser.next().upper() == "EXISTS":
        return lambda value: not _values(value, steps)
    if sign not in COMPARISONS:
        raise PatternError(sign)
    test = comparison(sign, parser.next())
    return lambda value: any(_is_scalar(found) and test(found) for found in _values(value, steps))


def _identity(steps: list[str | int], name: str) -> Condition:
    if name not in IS:
        raise PatternError(name)
    return lambda value: any(found is IS[name] for found in _values(value, steps))


def _step(found: re.Match[str]) -> str | int:
    name, index, quoted = found.groups()
    if index is not None:
        return "*" if index == "*" else int(index)
    return str(name if name is not None else quoted)


def _values(value: Any, steps: list[str | int]) -> list[Any]:
    """The values that a selector leads to: none, one, or several where it has a star."""
    found = [value]
    for step in steps:
        found = [inner for outer in found for inner in _inside(outer, step)]
    return found


def _inside(value: Any, step: str | int) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    if isinstance(value, list):
        return value if step == "*" else value[step : step + 1] if isinstance(step, int) else []
    return []


def _is_scalar(value: Any) -> bool:
    """Whether a value can be compared: text or a number."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)
