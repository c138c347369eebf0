"""What jsonata-python 0.7.1 does otherwise than JSONata 2.0.6, which AWS has.

It writes letters that are not ASCII as escapes, whole numbers as `1.0` and more than 15 digits within objects, cuts
remainders to whole numbers, and says `Object` for function.
https://docs.jsonata.org/string-functions#string
https://github.com/jsonata-js/jsonata/blob/v2.0.6/src/jsonata.js
"""

import json
import math
import re
from typing import Any

from jsonata import Functions, JException, Jsonata

DIGITS = 15
# Up to here each whole number is a number of JSON, which are doubles for JSONata.
LARGEST_INTEGER = 2**53
PLACE = re.compile(r"\{\{\{\w+\}\}\}|\{\{\w+\}\}")


def correct() -> None:
    """Mend the library, in a process that nobody else uses it in."""
    Functions.Encoder = Encoder
    Jsonata.evaluate_numeric_expression = _calculating(Jsonata.evaluate_numeric_expression)


class Encoder(Functions.Encoder):  # type: ignore[misc]  # jsonata is untyped
    """Writes JSON as JSON.stringify does."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False})

    def encode(self, value: Any) -> str:
        """The text of a value."""
        text: str = super().encode(_rounded(value))
        return text


def number(value: float) -> float:
    """The number that JSON has for a double: a whole one without a point."""
    return int(value) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value


def told(error: JException) -> str:
    """What JSONata says of an error, with its code."""
    values = iter((error.current, error.expected, error.extra))

    def value_for(place: re.Match[str]) -> str:
        value = next(values, None)
        return str(value) if place[0].startswith("{{{") else json.dumps(value, ensure_ascii=False, default=str)

    template = JException.error_codes.get(error.error, str(error)).replace("Object", "function")
    return f"{error.error}: {PLACE.sub(value_for, template)}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return number(float(f"{value:.{DIGITS}g}"))
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value


def _calculating(evaluate: Any) -> Any:
    def calculate(jsonata: Jsonata, left: Any, right: Any, operator: str) -> Any:
        if operator not in "/%" or right != 0:
            result = evaluate(jsonata, left, right, operator)
            return math.fmod(left, right) if operator == "%" and result is not None else result
        # JavaScript's Infinity and NaN are no numbers of JSON.
        if evaluate(jsonata, left, 1, operator) is not None:
            raise JException("D1001", -1, None)
        return None

    return calculate
