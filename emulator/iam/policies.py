"""Policy documents, read once for each text.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import functools
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.iam.conditions import Condition, ConditionError, find_operator
from emulator.iam.wildcards import Values, matches, matches_arn, variables

LOG = logging.getLogger(__name__)

REMEMBERED_DOCUMENTS = 1024
# In an older one, variables are plain text.
VERSION_WITH_VARIABLES = "2012-10-17"
PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}


class PolicyError(ValueError):
    """A policy cannot be read; the message says why."""


@dataclass(frozen=True)
class Element:
    """What a statement says of actions, resources or principals.

    Args:
        patterns: All that it names.
        excluded: Whether it means all but these, as NotAction, NotResource and NotPrincipal do.
    """

    patterns: tuple[str, ...]
    excluded: bool = False


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

    def is_about(self, action: str, resource: str, values: Values) -> bool:
        """Whether an action and a resource are among those that it names, whatever its conditions say.

        Args:
            action: In small letters.
            resource: An ARN, or `*` where the action knows no resources.
            values: The request's condition keys, for variables.
        """
        return _names(self.actions, action, matches, {}) and (
            self.resources is None or _names(self.resources, resource, matches_arn, values)
        )


@dataclass(frozen=True, eq=False)
class Policy:
    """What a document says; the same object for the same text.

    Args:
        statements: Its statements.
        keys: The condition keys, in small letters, that conditions and variables name.
    """

    statements: tuple[Statement, ...]
    keys: frozenset[str]


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
    actions = _element(given, "Action")
    if actions is None:
        raise PolicyError("a statement has neither Action nor NotAction")
    resources = _element(given, "Resource")
    conditions = tuple(_conditions(given.get("Condition") or {}))
    texts = [
        *(resources.patterns if resources else ()),
        *(text for condition in conditions for text in condition.wanted),
    ]
    if not understands_variables:
        resources = resources and Element(tuple(map(_without_variables, resources.patterns)), resources.excluded)
        conditions = tuple(
            Condition(one.operator, one.key, tuple(map(_without_variables, one.wanted))) for one in conditions
        )
    named = {name for text in texts for name in variables(text)} if understands_variables else set()
    return Statement(
        allows=given["Effect"] == "Allow",
        actions=Element(tuple(pattern.lower() for pattern in actions.patterns), actions.excluded),
        resources=resources,
        principals=_principals(given),
        conditions=conditions,
        keys=frozenset(named | {condition.key for condition in conditions}),
    )


def _without_variables(text: str) -> str:
    return text.replace("${", "${$}{")


def _element(given: Mapping[str, Any], name: str) -> Element | None:
    for key, excluded in ((name, False), (f"Not{name}", True)):
        if key in given:
            return Element(tuple(map(str, _list(given[key]))), excluded)
    return None


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


def _conditions(blocks: Any) -> Iterable[Condition]:  # noqa: ANN401 - any JSON
    if not isinstance(blocks, dict) or not all(isinstance(block, dict) for block in blocks.values()):
        raise PolicyError(f"a Condition has operators with keys, not {blocks!r}")
    for operator, block in blocks.items():
        try:
            find_operator(operator)
        except ConditionError as error:
            raise PolicyError(str(error)) from error
        for key, values in block.items():
            yield Condition(operator, key.lower(), tuple(map(_text, _list(values))))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return value if isinstance(value, list) else [value]


def _names(element: Element, text: str, compare: Any, values: Values) -> bool:  # noqa: ANN401
    return any(compare(pattern, text, values) for pattern in element.patterns) != element.excluded
