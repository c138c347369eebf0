"""Read JSON without what Python takes for a number though JSON has no such number."""

import json
import math
from typing import Any


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read JSON that anyone may have written: of NaN, Infinity and 1e999, no browser could read what became.

    Raises:
        ValueError: It is none.
    """
    return json.loads(text, parse_constant=str, parse_float=_read_number)


def read_given_json(text: str | bytes) -> Any:  # noqa: ANN401
    """Read JSON that somebody gives, who can be told that it is none.

    Raises:
        ValueError: It is none.
    """
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number that JSON has")


def _read_number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text
