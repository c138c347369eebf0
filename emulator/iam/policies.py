"""Policy documents, read once for each text.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import functools
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.iam.conditions import Condition, ConditionError, find_operator
from emulator.iam.wildcards import Values, compile_arns, compile_texts, matches_arn, variables

LOG = logging.getLogger(__name__)

REMEMBERED_DOCUMENTS = 1024
# In an older one, variables are plain text.
VERSION_WITH_VARIABLES = "2012-10-17"
NOTHING = re.compile(r"(?!)")
PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}


class PolicyError(ValueError):
    """A policy cannot be read; the message says why."""


@dataclass(frozen=True)
class Element:
    """What a statement says of actions or resources.

    Args:
        plain: All that it names without variables, as one expression.
        varying: What it names with variables.
        excluded: Whether it means all but these, as NotAction and NotResource do.
    """

    plain: re.Pattern[str]
    varying: tuple[str, ...] = ()
    excluded: bool = False

    def means(self, text: str, values: Values) -> bool:
        """Whether it is about an action or an ARN.

        Args:
            text: An action in small letters, or an ARN.
            values: The request's condition keys, for variables.
        """
        named = self.plain.fullmatch(text) is not None or any(matches_arn(one, text, values) for one in self.varying)
        return named != self.excluded


@dataclass(frozen=True)
class Principals:
    """Whom a statement of a resource-based policy is about, by kind: `AWS`, `Service` and so on."""

    named: tuple[tuple[str, str], ...]
    excluded: bool = False


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    allows: bool
    actions: Element
    resources: Element | None
    principals: Principals | None
    conditions: tuple[Condition, ...]
    keys: frozenset[str]


@dataclass(frozen=True, eq=False)
class Policy:
    """What a document says; the same object for the same text.

    Args:
        statements: Its statements.
        keys: The condition keys, in small letters, that conditions and variables name.
    """

    statements: tuple[Statement, ...]
    keys: frozenset[str]
    _about: dict[str, tuple[Statement, ...]] = field(default_factory=dict)

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements that are about an action, given in small letters."""
        found = self._about.get(action)
        if found is None:
            found = self._about[action] = tuple(one for one in self.statements if one.actions.means(action, {}))
        return found


@functools.lru_cache(REMEMBERED_DOCUMENTS)
def policy_of(document: str) -> Policy:
    """What a document says; one that cannot be read says nothing, and the log says why."""
    try:
        return read(document)
    except PolicyError as error:
        LOG.error("a policy allows nothing: %s: %s", error, document)  # noqa: TRY400 - it says all there is to say
        return Policy((), frozenset())


def read(document: str) -> Policy:
    """Read a document.

    Raises:
        PolicyError: It is none that AWS would take.
    """
    try:
        content = json.loads(document)
    except ValueError as error:
        raise PolicyError(f"it is no JSON ({error})") from error
    if not isinstance(content, dict) or "Statement" not in content:
        raise PolicyError("it has no Statement")
    understands_variables = content.get("Version") == VERSION_WITH_VARIABLES
    statements = tuple(
        _statement(one, understands_variables=understands_variables) for one in _list(content["Statement"])
    )
    return Policy(statements, frozenset().union(*(statement.keys for statement in statements)))


def _statement(given: Any, *, understands_variables: bool) -> Statement:  # noqa: ANN401 - any JSON
    if not isinstance(given, dict) or given.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"a statement has Effect Allow or Deny, not {given!r}")
    as_written = str if understands_variables else _without_variables
    actions, not_actions = _named_in(given, "Action", str.lower)
    if actions is None:
        raise PolicyError("a statement has neither Action nor NotAction")
    resources, not_resources = _named_in(given, "Resource", as_written)
    conditions = tuple(_conditions(given.get("Condition") or {}, as_written))
    texts = [*(resources or ()), *(text for condition in conditions for text in condition.wanted)]
    named = {name for text in texts for name in variables(text)}
    return Statement(
        allows=given["Effect"] == "Allow",
        actions=Element(compile_texts(actions), excluded=not_actions),
        resources=None if resources is None else _resources(resources, excluded=not_resources),
        principals=_principals(given),
        conditions=conditions,
        keys=frozenset(named | {condition.key for condition in conditions}),
    )


def _resources(patterns: list[str], *, excluded: bool) -> Element:
    varying = tuple(pattern for pattern in patterns if "${" in pattern)
    plain = [pattern for pattern in patterns if "${" not in pattern]
    return Element(compile_arns(plain) if plain else NOTHING, varying, excluded)


def _without_variables(text: str) -> str:
    return text.replace("${", "${$}{")


def _named_in(given: Mapping[str, Any], name: str, as_written: Callable[[str], str]) -> tuple[list[str] | None, bool]:
    """What an element of a statement names, and whether it means all else."""
    for key, excluded in ((name, False), (f"Not{name}", True)):
        if key in given:
            return [as_written(str(one)) for one in _list(given[key])], excluded
    return None, False


def _principals(given: Mapping[str, Any]) -> Principals | None:
    for key, excluded in (("Principal", False), ("NotPrincipal", True)):
        if key in given:
            return Principals(tuple(_named(given[key])), excluded)
    return None


def _named(principal: Any) -> Iterable[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(principal, str):
        yield "AWS", principal
        return
    if not isinstance(principal, dict) or not principal.keys() <= PRINCIPALS:
        raise PolicyError(f"a Principal is * or has {', '.join(sorted(PRINCIPALS))}, not {principal!r}")
    for kind, names in principal.items():
        for name in _list(names):
            yield kind, str(name)


def _conditions(blocks: Any, as_written: Callable[[str], str]) -> Iterable[Condition]:  # noqa: ANN401 - any JSON
    if not isinstance(blocks, dict) or not all(isinstance(block, dict) for block in blocks.values()):
        raise PolicyError(f"a Condition has operators with keys, not {blocks!r}")
    for operator, block in blocks.items():
        try:
            find_operator(operator)
        except ConditionError as error:
            raise PolicyError(str(error)) from error
        for key, values in block.items():
            yield Condition(operator, key.lower(), tuple(as_written(_text(one)) for one in _list(values)))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else [value]
