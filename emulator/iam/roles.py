"""Roles that are handed to a service: they exist, the service may act in them, and the caller may hand them over."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localstack.aws.api import CommonServiceException


@dataclass(frozen=True)
class Handover:
    """An operation that names a role for a service.

    Args:
        service: The service's principal.
        roles: The ARNs in its parameters.
        refusal: What it answers about a role that does not exist or does not trust the service.
    """

    service: str
    roles: Callable[[Mapping[str, Any]], Iterable[str]]
    refusal: Callable[[str], CommonServiceException]


def _parameter(name: str) -> Callable[[Mapping[str, Any]], Iterable[str]]:
    return lambda parameters: [parameters[name]] if parameters.get(name) else []


def _of_targets(parameters: Mapping[str, Any]) -> Iterable[str]:
    return dict.fromkeys(target["RoleArn"] for target in parameters.get("Targets") or () if target.get("RoleArn"))


def refused_by_lambda(code: str, status: int) -> CommonServiceException:
    """What Lambda says when it is asked to make, change or invoke a function whose role it may not act in."""
    said = "The role defined for the function cannot be assumed by Lambda."
    return CommonServiceException(code, said, status, sender_fault=True)


def _refused_by_states(_role: str) -> CommonServiceException:
    said = (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the"
        " provided role."
    )
    return CommonServiceException("AccessDeniedException", said, 400, sender_fault=True)


def _refused_by_events(role: str) -> CommonServiceException:
    said = f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
    return CommonServiceException("ValidationException", said, 400, sender_fault=True)


def _not_assumable_by_lambda(_role: str) -> CommonServiceException:
    return refused_by_lambda("InvalidParameterValueException", 400)


_LAMBDA = Handover("lambda.amazonaws.com", _parameter("Role"), _not_assumable_by_lambda)
_STATES = Handover("states.amazonaws.com", _parameter("roleArn"), _refused_by_states)
HANDOVERS = {
    ("lambda", "CreateFunction"): _LAMBDA,
    ("lambda", "UpdateFunctionConfiguration"): _LAMBDA,
    ("stepfunctions", "CreateStateMachine"): _STATES,
    ("stepfunctions", "UpdateStateMachine"): _STATES,
    ("events", "PutTargets"): Handover("events.amazonaws.com", _of_targets, _refused_by_events),
    ("events", "PutRule"): Handover("events.amazonaws.com", _parameter("RoleArn"), _refused_by_events),
}
