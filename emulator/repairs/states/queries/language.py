"""JSONata as Step Functions has it: without `$eval`, and with functions of its own.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import functools
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from jsonata import JException, Jsonata, Utils

from emulator.repairs.states.queries import corrections

REMEMBERED_EXPRESSIONS = 512
HASHES = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}
OVERFLOW = JException("D1011")


class NothingError(Exception):
    """An expression has no result: JSONata calls it undefined."""


class UnsupportedResultError(Exception):
    """The result is none that JSON has: a function."""


class EvaluationError(Exception):
    """What went wrong within an expression, in JSONata's words."""


def evaluate(expression: str, variables: dict[str, Any]) -> Any:
    """The value of an expression.

    Args:
        expression: What stands between `{%` and `%}`.
        variables: Their values by their names, without `$`.

    Raises:
        NothingError: It has none.
        UnsupportedResultError: It is a function, or holds one.
        EvaluationError: It cannot be worked out.
    """
    bindings = FUNCTIONS | {name: _given(value) for name, value in variables.items()}
    try:
        query = _parsed(expression)
        # Else it would be the one that was parsed last: with the time of its evaluation, too.
        Jsonata.CURRENT.jsonata = query
        result = query.evaluate(None, bindings)
    except (JException, RecursionError) as error:
        raise EvaluationError(corrections.told(error if isinstance(error, JException) else OVERFLOW)) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error) as error:
        # What the library does not expect.
        raise EvaluationError(str(error)) from error
    if result is None:
        raise NothingError
    return _json(result)


@functools.lru_cache(REMEMBERED_EXPRESSIONS)
def _parsed(expression: str) -> Jsonata:
    parsed = Jsonata(expression)
    parsed.set_output_convert_nulls(False)
    # What comes in is JSON.
    parsed.set_validate_input(False)
    return parsed


def _given(value: Any) -> Any:
    """A value in which null is JSONata's: None is undefined there."""
    if isinstance(value, dict):
        return {name: _given(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_given(item) for item in value]
    if isinstance(value, float):
        return corrections.number(value)
    return Utils.NULL_VALUE if value is None else value


def _json(value: Any) -> Any:
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return corrections.number(value)
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    raise UnsupportedResultError


def _partition(array: Any, size: Any) -> Any:
    if array is None:
        return None
    array = array if isinstance(array, list) else [array]
    length = _integer("partition", 2, size)
    if length < 1:
        raise _refusal("partition", 2)
    items = list(array)
    return [items[start : start + length] for start in range(0, len(items), length)]


def _range(first: Any, last: Any, step: Any) -> Any:
    start, end, by = (_integer("range", number, value) for number, value in enumerate((first, last, step), 1))
    if by == 0:
        raise _refusal("range", 3)
    numbers = range(start, end + (1 if by > 0 else -1), by)
    # AWS's is a sequence, as $map makes one: one number stands alone.
    return numbers[0] if len(numbers) == 1 else list(numbers)


def _hash(text: Any, algorithm: Any) -> Any:
    if text is None:
        return None
    if not isinstance(text, str):
        raise _refusal("hash", 1)
    if algorithm not in HASHES:
        raise _refusal("hash", 2)
    return hashlib.new(algorithm.replace("SHA-", "SHA"), text.encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any) -> Any:
    chosen = random.Random(None if seed is None else _integer("random", 1, seed))  # noqa: S311  # as in JavaScript
    return chosen.random()


def _uuid() -> Any:
    return str(uuid.uuid4())


def _parse(text: Any) -> Any:
    if text is None:
        return None
    if not isinstance(text, str):
        raise _refusal("parse", 1)
    try:
        return _given(json.loads(text, parse_constant=_no_json))
    except ValueError as error:
        raise JException("D3137", -1, f"Argument of $parse is no JSON: {error}") from error


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _integer(function: str, number: int, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _refusal(function, number)
    return int(value)


def _refusal(function: str, number: int) -> JException:
    return JException("T0410", -1, number, function)


def _native(function: Callable[..., Any], most_arguments: int) -> Any:
    """A function of JSONata, for which arguments that are not given are undefined."""

    def call(*arguments: Any) -> Any:
        if len(arguments) > most_arguments:
            raise _refusal(function.__name__[1:], most_arguments + 1)
        return function(*arguments, *[None] * (most_arguments - len(arguments)))

    return Jsonata.JLambda(call)


def _functions() -> Iterator[tuple[str, Any]]:
    for function, most in ((_partition, 2), (_range, 3), (_hash, 2), (_random, 1), (_uuid, 0), (_parse, 1)):
        yield function.__name__[1:], _native(function, most)
    yield "eval", None


FUNCTIONS = dict(_functions())
corrections.correct()
