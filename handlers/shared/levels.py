"""The levels of a log, as Lambda has them: the least comes first.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL")
# Lambda itself and Python's logging call two of them otherwise.
OTHER_NAMES = {"WARN": "WARNING", "CRITICAL": "FATAL"}


def level_of(said: str) -> str | None:
    """Tell which level is meant, however it is spelled; None if it is none."""
    level = OTHER_NAMES.get(said.upper(), said.upper())
    return level if level in LEVELS else None


def is_at_least(level: str, least: str) -> bool:
    """Tell whether something of a level is as bad as another level; so is what has a level of its own."""
    known = level_of(level)
    return known is None or LEVELS.index(known) >= LEVELS.index(least)
