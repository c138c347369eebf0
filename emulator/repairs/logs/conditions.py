"""What both kinds of filter patterns that name fields have in common: how a value is compared, and joined conditions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
# What a regular expression may be made of: no parentheses, and no letters but ASCII's.
EXPRESSION = re.compile(r"[A-Za-z0-9 \s:_#=@/;,^$?\[\]{}|\\*+.-]*")
ESCAPE = re.compile(r"\\(.)", re.DOTALL)

type Test = Callable[[str | float], bool]


class PatternError(Exception):
    """A filter pattern that CloudWatch Logs would refuse.

    Args:
        part: What of it is wrong.
    """

    def __init__(self, part: str) -> None:
        super().__init__(f"Invalid filter pattern: {part!r}" if part else "Invalid filter pattern: it ends too soon")


def regular_expression(text: str) -> re.Pattern[str]:
    """An expression that stood between percent signs.

    Raises:
        PatternError: It is none, or has what CloudWatch Logs does not support.
    """
    if not EXPRESSION.fullmatch(text):
        raise PatternError(text)
    try:
        return re.compile(text)
    except re.error as error:
        raise PatternError(text) from error


def comparison(name: str, operand: str) -> Test:
    """What a value of a log event must pass.

    Args:
        name: The operator.
        operand: What follows it, with its quotes.

    Raises:
        PatternError: They do not go together.
    """
    if NUMBER.fullmatch(operand):
        return _numeric(name, float(operand))
    if name not in ("=", "!="):
        raise PatternError(operand)
    is_expression = len(operand) > 1 and operand.startswith("%") and operand.endswith("%")
    expression = regular_expression(operand[1:-1]) if is_expression else _wildcard(operand)
    find = expression.search if is_expression else expression.fullmatch
    return lambda value: (find(_text(value)) is not None) is (name == "=")


def _numeric(name: str, operand: float) -> Test:
    compare = COMPARISONS[name]

    def test(value: str | float) -> bool:
        try:
            return compare(float(value), operand)
        except ValueError:
            return name == "!="

    return test


def _wildcard(operand: str) -> re.Pattern[str]:
    """A star stands for any text, in quotes too."""
    text = ESCAPE.sub(r"\1", operand[1:-1]) if operand.startswith('"') else operand
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else str(value)


class Parser[Subject]:
    """Reads conditions joined by ``||``, ``&&`` and parentheses, of which ``&&`` binds closer.

    Args:
        words: The pattern's words, spaces left out.
        condition: Reads one condition from the parser.
    """

    def __init__(
        self, words: Sequence[str], condition: Callable[["Parser[Subject]"], Callable[[Subject], bool]]
    ) -> None:
        self._words = list(words)
        self._condition = condition

    def read(self) -> Callable[[Subject], bool]:
        """All of it.

        Raises:
            PatternError: It is not to be understood.
        """
        found = self._joined("||", any, lambda: self._joined("&&", all, self._single))
        if self._words:
            raise PatternError(self._words[0])
        return found

    def next(self) -> str:
        """The next word, which is taken.

        Raises:
            PatternError: There is none.
        """
        if not self._words:
            raise PatternError("")
        return self._words.pop(0)

    def _joined(
        self, sign: str, join: Callable[..., bool], read: Callable[[], Callable[[Subject], bool]]
    ) -> Callable[[Subject], bool]:
        parts = [read()]
        while self._words and self._words[0] == sign:
            self.next()
            parts.append(read())
        return parts[0] if len(parts) == 1 else lambda subject: join(part(subject) for part in parts)

    def _single(self) -> Callable[[Subject], bool]:
        if not self._words or self._words[0] != "(":
            return self._condition(self)
        self.next()
        found = self._joined("||", any, lambda: self._joined("&&", all, self._single))
        if self.next() != ")":
            raise PatternError(")")
        return found
