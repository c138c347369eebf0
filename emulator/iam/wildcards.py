"""The patterns of policies: `*` and `?`, ARNs compared part by part, and variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping

ARN_PARTS = 6
REMEMBERED_PATTERNS = 4096
VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
# How a wildcard is written that means itself.
LITERAL_VARIABLES = {"*", "?", "$"}

Values = Mapping[str, tuple[str, ...]]


def variables(text: str) -> Iterable[str]:
    """The condition keys, in small letters, that a pattern's variables name."""
    return (name.lower() for name, _default in VARIABLE.findall(text) if name not in LITERAL_VARIABLES)


def matches(pattern: str, text: str, values: Values) -> bool:
    """Whether a text is one that a pattern with variables means; one without a value means none.

    Args:
        pattern: With `*`, `?` and `${key}` or `${key, 'default'}`.
        text: What is looked at, letter by letter.
        values: The request's condition keys in small letters, and their values.
    """
    return _fits(_expression(pattern, values, _any_letters), text)


def equals(pattern: str, text: str, values: Values) -> bool:
    """Whether a text is what a pattern with variables says, where `*` and `?` are letters like others."""
    return _fits(_expression(pattern, values, re.escape), text)


def matches_arn(pattern: str, arn: str, values: Values) -> bool:
    """Whether an ARN is one that a pattern means: a wildcard stays within its part, a missing part means any."""
    return _fits(_arn_expression(pattern, values), arn)


def compile_texts(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for several patterns without variables."""
    return re.compile("|".join(filter(None, (_expression(one, {}, _any_letters) for one in patterns))), re.DOTALL)


def compile_arns(patterns: Iterable[str]) -> re.Pattern[str]:
    """One expression for several patterns of ARNs without variables."""
    return re.compile("|".join(filter(None, (_arn_expression(one, {}) for one in patterns))), re.DOTALL)


def _fits(expression: str | None, text: str) -> bool:
    return expression is not None and re.fullmatch(expression, text, re.DOTALL) is not None


def _arn_expression(pattern: str, values: Values) -> str | None:
    if not pattern.startswith("arn:"):
        return _expression(pattern, values, _any_letters)
    *scope, name = _split(pattern)
    parts = [_expression(part, values, _any_letters_but_colons) for part in scope]
    parts.append(_expression(name, values, _any_letters))
    return None if None in parts else ":".join(filter(lambda part: part is not None, parts))  # type: ignore[arg-type]


@functools.lru_cache(REMEMBERED_PATTERNS)
def _split(pattern: str) -> tuple[str, ...]:
    # A variable may hold a colon of its own.
    parts = re.split(r":(?![^{]*\})", pattern, maxsplit=ARN_PARTS - 1)
    return (*parts, *["*"] * (ARN_PARTS - len(parts)))


def _expression(pattern: str, values: Values, translate: Callable[[str], str]) -> str | None:
    """The regular expression of a pattern; none if one of its variables has no single value."""
    if "${" not in pattern:
        return translate(pattern)
    parts, end = [], 0
    for variable in VARIABLE.finditer(pattern):
        name, default = variable.groups()
        otherwise = () if default is None else (default,)
        found = (name,) if name in LITERAL_VARIABLES else values.get(name.lower(), otherwise)
        if len(found) != 1:
            return None
        parts += [translate(pattern[end : variable.start()]), re.escape(found[0])]
        end = variable.end()
    return "".join([*parts, translate(pattern[end:])])


@functools.lru_cache(REMEMBERED_PATTERNS)
def _any_letters(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


@functools.lru_cache(REMEMBERED_PATTERNS)
def _any_letters_but_colons(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", "[^:]*").replace(r"\?", "[^:]")
