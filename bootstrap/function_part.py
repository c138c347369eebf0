"""A function with all that it needs, and the rule that invokes it."""

from bootstrap import policies
from bootstrap.definitions import fill_in
from bootstrap.description import FunctionSpec, Pattern
from bootstrap.place import DEAD_LETTER_RETENTION_DAYS, LOG_RETENTION_DAYS, Part, Place
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.asynchronous_invocation import AsynchronousInvocation
from bootstrap.resources.function import Function
from bootstrap.resources.log_group import LogGroup
from bootstrap.resources.permission import Permission
from bootstrap.resources.queue import Queue


def function_part(place: Place, spec: FunctionSpec, pattern: Pattern, oldest_seconds: int) -> Part:
    """The resources of a function.

    Args:
        place: Where it is to be.
        spec: What its stack says of it.
        pattern: What the events are like that it gets.
        oldest_seconds: The age at which Lambda gives up an event for it.
    """
    arns, stack = place.arns, place.stack
    policy = policies.function_policy(arns, spec, place.bucket, place.filled(spec.grants))
    dead_letters = () if spec.waited_for else (Queue(spec.dead_letters, DEAD_LETTER_RETENTION_DAYS, stack.name),)
    failed = arns.bus(EVENT_BUS) if spec.waited_for else arns.queue(spec.dead_letters)
    arn = arns.function(spec.name)
    return (
        (
            place.role(spec.name, "lambda.amazonaws.com", policy),
            LogGroup(spec.log_group, LOG_RETENTION_DAYS, stack.name),
            *dead_letters,
        ),
        (Function(spec, stack.name, place.role_arn(spec.name), variables_of(place, spec), stack.packed),),
        (
            place.rule(spec.rule, pattern, arn),
            Permission(spec.rule, spec.name, arn, arns.rule(spec.rule)),
            AsynchronousInvocation(spec.name, place.settings.async_retries, oldest_seconds, failed),
        ),
    )


def variables_of(place: Place, spec: FunctionSpec) -> dict[str, str]:
    """The environment that a function gets of its stack, besides what every function has of Lambda."""
    return {
        "EVENT_BUS": EVENT_BUS,
        "EVENT_SOURCE": place.stack.source,
        "ITEM_KEY": place.stack.item_key,
        **({"BUCKET": place.bucket} if spec.uses_bucket else {}),
        **({"LOG_LEVEL": place.settings.log_level} if place.settings.log_level else {}),
        **{name: fill_in(value, place.values) for name, value in spec.variables.items()},
    }
