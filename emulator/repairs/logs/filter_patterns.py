"""Which log events fit a filter pattern: terms, regular expressions, fields of JSON, columns between spaces.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import functools
import re
from collections.abc import Callable

from emulator.repairs.logs.columns import columns_filter
from emulator.repairs.logs.conditions import PatternError, regular_expression
from emulator.repairs.logs.json_fields import json_filter

REMEMBERED_PATTERNS = 256
# A term is a word of letters, digits and underscores, or any text between quotes; a sign before it says how it counts.
TERM = re.compile(r'([?-]?)\s*(?:"((?:[^"\\]|\\.)*)"|(\w+))(?:\s+|$)')
ESCAPE = re.compile(r"\\(.)", re.DOTALL)

type Filter = Callable[[str], bool]


@functools.lru_cache(REMEMBERED_PATTERNS)
def filter_of(pattern: str) -> Filter:
    """What tells of a message whether it fits.

    Raises:
        PatternError: CloudWatch Logs would refuse the pattern.
    """
    text = pattern.strip()
    if text.startswith("{"):
        return json_filter(text)
    if text.startswith("["):
        return columns_filter(text)
    if text.startswith("%"):
        return _expression_filter(text)
    return _terms_filter(text)


def _expression_filter(text: str) -> Filter:
    if len(text) < len("%.%") or not text.endswith("%") or "%" in text[1:-1]:
        raise PatternError(text)
    expression = regular_expression(text[1:-1])
    return lambda message: expression.search(message) is not None


def _terms_filter(text: str) -> Filter:
    """All terms must be there; of those with a question mark one, and only where there are no others."""
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    at = 0
    while at < len(text):
        found = TERM.match(text, at)
        if not found:
            raise PatternError(text[at:])
        sign, quoted, word = found.groups()
        terms[sign].append(word if quoted is None else ESCAPE.sub(r"\1", quoted))
        at = found.end()

    def fits(message: str) -> bool:
        if any(term in message for term in terms["-"]):
            return False
        if terms[""]:
            return all(term in message for term in terms[""])
        return not terms["?"] or any(term in message for term in terms["?"])

    return fits
