"""The conditions of policies: which operators there are, and when one holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from emulator.iam.wildcards import Values, equals, matches, matches_arn

# Compares a value of the policy with one of the request.
Compare = Callable[[str, str, Values], bool]


class ConditionError(ValueError):
    """A condition cannot be understood; the message says which, and what AWS would take."""


@dataclass(frozen=True)
class Operator:
    """How values are compared.

    Args:
        compare: Takes a value of the policy, one of the request, and all that the request has.
        negated: Whether it holds when no value of the policy compares.
    """

    compare: Compare
    negated: bool = False


def _ignoring_case(wanted: str, found: str, values: Values) -> bool:
    return equals(wanted.lower(), found.lower(), {key: tuple(map(str.lower, of)) for key, of in values.items()})


def _number(holds: Callable[[float, float], bool], wanted: str, found: str, _values: Values) -> bool:
    try:
        return holds(float(found), float(wanted))
    except ValueError:
        return False


def _date(holds: Callable[[float, float], bool], wanted: str, found: str, _values: Values) -> bool:
    try:
        return holds(_seconds(found), _seconds(wanted))
    except ValueError:
        return False


def _seconds(text: str) -> float:
    """A date in ISO 8601, or seconds since 1970, as the latter."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _same_truth(wanted: str, found: str, _values: Values) -> bool:
    return wanted.lower() == found.lower()


def _same_bytes(wanted: str, found: str, _values: Values) -> bool:
    try:
        return base64.b64decode(wanted) == base64.b64decode(found)
    except ValueError:
        return False


def _in_network(wanted: str, found: str, _values: Values) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "Equals": float.__eq__,
    "NotEquals": float.__eq__,
    "LessThan": float.__lt__,
    "LessThanEquals": float.__le__,
    "GreaterThan": float.__gt__,
    "GreaterThanEquals": float.__ge__,
}

OPERATORS = {
    "StringEquals": Operator(equals),
    "StringNotEquals": Operator(equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_ignoring_case),
    "StringNotEqualsIgnoreCase": Operator(_ignoring_case, negated=True),
    "StringLike": Operator(matches),
    "StringNotLike": Operator(matches, negated=True),
    "ArnEquals": Operator(matches_arn),
    "ArnLike": Operator(matches_arn),
    "ArnNotEquals": Operator(matches_arn, negated=True),
    "ArnNotLike": Operator(matches_arn, negated=True),
    "Bool": Operator(_same_truth),
    "BinaryEquals": Operator(_same_bytes),
    "IpAddress": Operator(_in_network),
    "NotIpAddress": Operator(_in_network, negated=True),
    **{
        f"{kind}{name}": Operator(partial(compare, holds), negated=name == "NotEquals")
        for kind, compare in (("Numeric", _number), ("Date", _date))
        for name, holds in _COMPARISONS.items()
    },
}
_BY_SMALL_NAME = {name.lower(): operator for name, operator in OPERATORS.items()}
ALL_VALUES, ANY_VALUE = "forallvalues:", "foranyvalue:"
IF_EXISTS = "ifexists"
NULL = "null"


@dataclass(frozen=True)
class Condition:
    """One key of a condition block, with the values that it is compared with.

    Args:
        operator: With its qualifier and suffix, as the policy has it.
        key: The condition key, in small letters.
        wanted: The policy's values.
    """

    operator: str
    key: str
    wanted: tuple[str, ...]

    def holds(self, values: Values) -> bool:
        """Whether it holds for what a request has.

        Raises:
            ConditionError: There is no such operator.
        """
        name = self.operator.lower()
        found = values.get(self.key)
        if name == NULL:
            return any((wanted.lower() == "true") == (found is None) for wanted in self.wanted)
        qualifier = next((prefix for prefix in (ALL_VALUES, ANY_VALUE) if name.startswith(prefix)), "")
        name = name.removeprefix(qualifier)
        operator = find_operator(self.operator)
        if found is None:
            return name.endswith(IF_EXISTS) or (
                qualifier != ANY_VALUE and (operator.negated or qualifier == ALL_VALUES)
            )
        each = (self._compares(operator, value, values) for value in found)
        if qualifier == ALL_VALUES:
            return all(each)
        # Of several values without a qualifier, a negated operator lets none be one of the policy's.
        return all(each) if operator.negated and not qualifier else any(each)

    def _compares(self, operator: Operator, found: str, values: Values) -> bool:
        return any(operator.compare(wanted, found, values) for wanted in self.wanted) != operator.negated


def find_operator(name: str) -> Operator:
    """The operator of a condition, without qualifier and suffix.

    Raises:
        ConditionError: There is no such operator.
    """
    plain = name.lower().removeprefix(ALL_VALUES).removeprefix(ANY_VALUE).removesuffix(IF_EXISTS)
    if plain == NULL:
        return Operator(_same_truth)
    try:
        return _BY_SMALL_NAME[plain]
    except KeyError:
        raise ConditionError(f"condition operator {name!r}: AWS knows {', '.join([*OPERATORS, 'Null'])}") from None
