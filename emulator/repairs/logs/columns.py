"""Filter patterns for log events of columns between spaces: ``[ip, user, ..., status = 4*, bytes > 1000]``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-space-delimited-log-events
"""

import re
from collections.abc import Callable

from emulator.repairs.logs.conditions import COMPARISONS, Parser, PatternError, comparison

# What stands in quotes or in brackets is one column.
COLUMN = re.compile(r'"([^"]*)"|\[([^\]]*)\]|(\S+)')
REST = "..."
WORD = re.compile(
    r"""\s*(
        \|\| | && | \( | \)
      | != | <= | >= | = | < | >
      | "(?:[^"\\]|\\.)*"
      | %[^%]*%
      | \.\.\. | ,
      | [^\s(),=!<>&|"%]+
    )\s*""",
    re.VERBOSE,
)

type Condition = Callable[[str], bool]


def columns_filter(text: str) -> Callable[[str], bool]:
    """What tells of a message whether its columns fit a pattern in brackets.

    Raises:
        PatternError: CloudWatch Logs would refuse the pattern.
    """
    if not text.endswith("]"):
        raise PatternError(text)
    columns = _columns(text[1:-1])
    if columns.count(None) > 1:
        raise PatternError(text)

    def fits(message: str) -> bool:
        values = [next(part for part in found.groups() if part is not None) for found in COLUMN.finditer(message)]
        if None not in columns:
            return len(values) == len(columns) and _fit(columns, values)
        before = columns.index(None)
        after = len(columns) - before - 1
        if len(values) < before + after:
            return False
        ends = values[:before], values[len(values) - after :]
        return _fit(columns[:before], ends[0]) and _fit(columns[before + 1 :], ends[1])

    return fits


def _fit(columns: list[Condition | None], values: list[str]) -> bool:
    return all(condition is None or condition(value) for condition, value in zip(columns, values, strict=True))


def _columns(text: str) -> list[Condition | None]:
    """The condition of each column; None for those that any number of columns may be in place of."""
    columns: list[list[str]] = [[]]
    at = 0
    while at < len(text):
        found = WORD.match(text, at)
        if not found:
            raise PatternError(text)
        if found[1] == ",":
            columns.append([])
        else:
            columns[-1].append(found[1])
        at = found.end()
    return [_column(words) for words in columns]


def _column(words: list[str]) -> Condition | None:
    if words == [REST]:
        return None
    if len(words) < 2:  # noqa: PLR2004  # a name, or not even that
        return lambda _value: True
    name = next(word for word in words if word != "(")

    def condition(parser: Parser[str]) -> Condition:
        if parser.next() != name:
            raise PatternError(name)
        sign = parser.next()
        if sign not in COMPARISONS:
            raise PatternError(sign)
        operand = parser.next()
        return comparison(sign, operand)

    return Parser(words, condition).read()
