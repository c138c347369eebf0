"""What is wrong with a stack, as far as it can be told before anything is made of it."""

import re
from collections import Counter
from collections.abc import Iterator

from bootstrap.description import FunctionSpec, Stack
from bootstrap.stack_kinds import misfits
from handlers.shared.levels import LEVELS, level_of

# The part of a bucket's name, and of a statement's, that the stack's name is.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,33}")
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html, and as much as fits into a role's name.
THING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,43}")
ACCOUNT = re.compile(r"\d{12}")
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
TIMEOUT_SECONDS = range(1, 901)
MEMORY_MEGABYTES = range(128, 10_241)
RETENTION_DAYS = range(1, 15)
# https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html
VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime, those of them
# that are names of variables.
KEPT_BY_LAMBDA = {
    *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
    *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
    "AWS_LAMBDA_RUNTIME_API",
}
# What start_run.py, and the form that starts a run, take besides a machine's own options.
OF_EVERY_START = {"machine", "event", "detail", "like", "timeout", "no-wait", "json", "help"}
OF_EVERY_FUNCTION = {"EVENT_BUS", "EVENT_SOURCE", "ITEM_KEY", "BUCKET"}


def problems(stack: Stack) -> Iterator[str]:
    """Say what is wrong, a line for each."""
    if found := [*misfits(stack)]:
        # All else takes what it reads to be of its kind.
        yield from found
        return
    if not NAME.fullmatch(stack.name):
        yield f"its name is {stack.name!r}: give 2 to 34 lower-case letters, digits and hyphens"
    yield from _names(stack)
    for function in (*stack.functions, *(consumer.function for consumer in stack.consumers)):
        yield from _function(function)
    yield from _machines(stack)
    for consumer in stack.consumers:
        if not ACCOUNT.fullmatch(consumer.account):
            yield f"the account of consumer {consumer.function.name} is {consumer.account!r}: give 12 digits"
    for queue in stack.queues:
        if queue.retention_days not in RETENTION_DAYS:
            yield f"queue {queue.name} keeps messages for {queue.retention_days} days: give {_span(RETENTION_DAYS)}"


def _names(stack: Stack) -> Iterator[str]:
    rules = [start.rule for machine in stack.machines for start in machine.starts]
    rules += [queue.rule for queue in stack.queues if queue.event]
    rules += [consumer.forwarding_rule for consumer in stack.consumers]
    rules += [stack.finisher_rule, stack.failed_rule, stack.invocation_failed_rule, stack.ledger_rule]
    queues = [queue.name for queue in stack.queues]
    names = {
        "function": [function.name for function in stack.functions],
        "machine": [*(machine.name for machine in stack.machines), stack.finisher],
        "rule": rules + [function.rule for function in stack.functions],
        "queue": queues + [function.dead_letters for function in stack.functions if not function.waited_for],
    }
    found = [(kind, name, "") for kind, names_of in names.items() for name in names_of]
    found += [("function", consumer.function.name, f" in {consumer.account}") for consumer in stack.consumers]
    for (kind, name, where), count in Counter(found).items():
        if count > 1:
            yield f"{count} {kind}s are called {name}{where}: give each a name of its own"
        if not THING.fullmatch(name):
            yield f"a {kind} is called {name!r}: give up to 44 letters, digits, hyphens and underscores"


def _function(function: FunctionSpec) -> Iterator[str]:
    name = f"function {function.name}"
    if not all(part.isidentifier() for part in function.module.split(".")):
        yield f"{name} has the module {function.module!r}: give a dotted name, such as handlers.check_stock"
    if not function.event:
        yield f"{name} has no event: say which one invokes it"
    if function.timeout_seconds not in TIMEOUT_SECONDS:
        yield f"{name} has {function.timeout_seconds} s of time: give {_span(TIMEOUT_SECONDS)}"
    if function.memory_megabytes not in MEMORY_MEGABYTES:
        yield f"{name} has {function.memory_megabytes} MB of memory: give {_span(MEMORY_MEGABYTES)}"
    yield from _variables(function)
    if level_of(level := function.variables.get("LOG_LEVEL", LEVELS[0])) is None:
        yield f"{name} has LOG_LEVEL {level!r}: give one of {', '.join(LEVELS)}"


def _variables(function: FunctionSpec) -> Iterator[str]:
    name = f"function {function.name}"
    for variable in function.variables:
        if variable in OF_EVERY_FUNCTION:
            yield f"{name} sets {variable}, which every function is given: take another name"
        elif variable in KEPT_BY_LAMBDA:
            yield f"{name} sets {variable}, which Lambda keeps to itself: take another name"
        elif not VARIABLE.fullmatch(variable):
            yield f"{name} sets {variable!r}: give two letters, digits or underscores at least, a letter first"


def _machines(stack: Stack) -> Iterator[str]:
    if stack.waited_for and not any(machine.type == "STANDARD" for machine in stack.machines):
        names = ", ".join(function.name for function in stack.waited_for)
        yield f"no machine can wait for {names}: add a standard one, or say waited_for=False"
    for machine in stack.machines:
        if machine.options and not machine.starts:
            yield f"machine {machine.name} has options, but no event starts it: add a StartSpec"
        for option in machine.options:
            if option.name in OF_EVERY_START:
                yield f"machine {machine.name} has an option {option.name}, as every start has: take another name"
        for start in machine.starts:
            if not start.event:
                yield f"rule {start.rule} has no event: say which one starts {machine.name}"


def _span(allowed: range) -> str:
    return f"{allowed[0]} to {allowed[-1]}"
