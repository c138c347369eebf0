"""What is wrong with how events, functions and states are wired."""

from collections.abc import Iterator

from bootstrap.check.choreography import Choreography, Emitter, WaitingState
from bootstrap.check.definitions import states_with_ways
from bootstrap.check.findings import Finding, Place, Severity, did_you_mean
from bootstrap.check.handlers import HandlerCode, handler_modules
from bootstrap.check.permissions import check_calls
from bootstrap.check.ways import ways_of
from bootstrap.description import FunctionSpec
from bootstrap.loading import folder_of
from bootstrap.packages import PackageError, packages_of
from bootstrap.policies import EVENT_BUS
from bootstrap.resources.permission import Permission
from bootstrap.resources.rule import Rule

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
RESERVED_VARIABLES = ("AWS_", "LAMBDA_", "_HANDLER", "_X_AMZN", "LANG", "LC_", "PATH", "LD_LIBRARY", "PYTHONPATH", "TZ")
ALWAYS_GIVEN = ("EVENT_BUS", "EVENT_SOURCE", "ITEM_KEY")
RECORDED = "recorded"
ANSWERS_FAILURE = "answers_failure"


def check_wiring(choreography: Choreography) -> Iterator[Finding]:
    """Find what cannot work, and what cannot be decided from the code."""
    for state in choreography.waiting:
        yield from _waiting(state, choreography)
    yield from _events(choreography)
    stack = choreography.system.stack
    for function in (*stack.functions, *(consumer.function for consumer in stack.consumers)):
        if code := choreography.code.get(function.name):
            yield from _handler(function, code, choreography)
    yield from _forgotten(choreography)
    yield from _maps(choreography)
    yield from _packed(choreography)
    yield from _permissions(choreography)


def _waiting(state: WaitingState, choreography: Choreography) -> Iterator[Finding]:
    if not state.carries_token:
        advice = 'add "TaskToken.$": "$$.Task.Token" to its Detail'
        yield Finding(state.place, f"{state.name} waits for a task token that is not in its event", advice)
    if not state.has_timeout:
        advice = "give it TimeoutSeconds"
        yield Finding(state.place, f"{state.name} waits for ever when nothing answers", advice)
    if state.event is None:
        note = f"which event {state.name} emits is known only when it runs"
        yield Finding(state.place, note, severity=Severity.NOTE)
        return
    ways = ways_of(state, choreography)
    if not choreography.takers(state):
        what, advice = _untaken(state, state.event, choreography)
        yield Finding(state.place, f"{state.name} waits, and no rule takes {what}", advice)
    elif any(way.is_undecided for way in ways) and not any(way.is_done for way in ways):
        unclear = next(way for way in ways if way.is_undecided)
        note = f"whether {state.name} is ever answered cannot be seen: {' → '.join(unclear.passed)} → ?"
        yield Finding(state.place, note, severity=Severity.NOTE)
    elif not any(way.is_done for way in ways):
        last = " and ".join(_end(way.passed, waited_for=way.end.waited_for) for way in ways)
        advice = "let one of them emit done"
        yield Finding(state.place, f"{state.name} waits, and nothing answers it: {last}", advice)


def _untaken(state: WaitingState, event: str, choreography: Choreography) -> tuple[str, str]:
    """What of an event no rule takes, and what to do."""
    if state.bus not in {None, EVENT_BUS}:
        return f"events of the bus {state.bus}", f"let its EventBusName be {EVENT_BUS}"
    if event in choreography.events:
        source = choreography.system.stack.source
        return f"{event} of the source {state.source}", f"the stack's is {source}: let its Source be ${{EventSource}}"
    return event, did_you_mean(event, choreography.events) or "add a function for it to the stack"


def _end(passed: tuple[str, ...], *, waited_for: bool) -> str:
    return f"{' → '.join(passed[1:])} is the end{'' if waited_for else ', a side effect'}"


def _events(choreography: Choreography) -> Iterator[Finding]:
    said = {emitter.event for emitter in choreography.emitters}
    for emitter in choreography.emitters:
        yield from _unheard(emitter, choreography)
    if None in said:
        return
    emitted = {event for event in said if event}
    for function in choreography.system.stack.functions:
        if function.event not in emitted:
            advice = did_you_mean(function.event, emitted) or "let a state or a handler emit it"
            message = f"nothing emits {function.event}, which invokes {function.name}"
            yield Finding(_row(function.module, choreography), message, advice, Severity.WARNING)


def _unheard(emitter: Emitter, choreography: Choreography) -> Iterator[Finding]:
    """An event that nobody takes is fine, for anyone may hang something on it; unless its name is nearly another's."""
    if emitter.event is None or isinstance(emitter, WaitingState) or emitter.kind == "start":
        return
    if not choreography.can_hear(emitter):
        return
    if not any(choreography.takers(emitter)) and (advice := did_you_mean(emitter.event, choreography.events)):
        message = f"{emitter.name} emits {emitter.event}, which nobody takes"
        yield Finding(emitter.place, message, advice, Severity.WARNING)


def _handler(function: FunctionSpec, code: HandlerCode, choreography: Choreography) -> Iterator[Finding]:
    if code.place is None:
        yield Finding(_row(function.module, choreography), f"{function.module} has no lambda_handler", "define one")
        return
    yield from _decorators(function, code, code.place)
    given = {*ALWAYS_GIVEN, *function.variables, *(["BUCKET"] if function.uses_bucket else [])}
    for use in code.variables:
        if use.name not in given and not use.name.startswith(RESERVED_VARIABLES):
            row = "uses_bucket=True" if use.name == "BUCKET" else f"variables={{{use.name!r}: …}}"
            message = f"{function.name} uses {use.name}, which its function does not have"
            yield Finding(use.place, message, f"give its row in the stack {row}")
    yield from check_calls(function, code)


def _decorators(function: FunctionSpec, code: HandlerCode, place: Place) -> Iterator[Finding]:
    if RECORDED not in code.decorators:
        advice = "decorate it with @recorded, so that what it emits names its cause"
        yield Finding(place, f"the handler of {function.name} is not recorded", advice)
    if function.waited_for and ANSWERS_FAILURE not in code.decorators:
        advice = "decorate it with @answers_failure, so that an error which no retry can mend is told at once"
        yield Finding(place, f"a state waits for {function.name}, which does not answer failures", advice)
    if not function.waited_for and ANSWERS_FAILURE in code.decorators:
        advice = "leave out @answers_failure: the task token that it sees is somebody else's"
        yield Finding(place, f"{function.name} is a side effect and answers failures", advice)


def _forgotten(choreography: Choreography) -> Iterator[Finding]:
    """Handlers beside those of the stack that no function names."""
    stack = choreography.system.stack
    functions = (*stack.functions, *(consumer.function for consumer in stack.consumers))
    modules = {function.module for function in functions}
    # Of those that could be read, for the others are told of where they were.
    read = {function.module for function in functions if function.name in choreography.code}
    folders = {module.rpartition(".")[0]: folder_of(module) for module in read}
    for package, folder in sorted(folders.items()):
        for stem, place in handler_modules(folder):
            module = f"{package}.{stem}".removeprefix(".")
            if module not in modules:
                advice = "add a FunctionSpec for it to the stack"
                yield Finding(place, f"no function runs the handler of {module}", advice, Severity.WARNING)


def _maps(choreography: Choreography) -> Iterator[Finding]:
    """What a machine's row says of Maps that it does not have."""
    for machine in choreography.system.stack.machines:
        states = states_with_ways(choreography.system.definitions[machine.name])
        maps = {str(way[-1]) for way, state in states if state.get("Type") == "Map"}
        named = {*machine.items, *(column.items_of for column in machine.columns if column.items_of)}
        for name in sorted(named - maps):
            message = f"the row of {machine.name} says something of {name}, which is no Map of it"
            advice = did_you_mean(name, maps) or f"it has {', '.join(sorted(maps)) or 'none'}"
            yield Finding(_place_of(f'"{name}"', choreography), message, advice, Severity.WARNING)


def _packed(choreography: Choreography) -> Iterator[Finding]:
    """Packages of which a part is said to be enough, and that no function takes along."""
    stack = choreography.system.stack
    if not stack.packed:
        return
    functions = (*stack.functions, *(consumer.function for consumer in stack.consumers))
    try:
        taken = {name for function in functions for name in packages_of(function.module, function.packages)}
    except PackageError:
        # What is not there is told of where it is packed.
        return
    for name in stack.packed.keys() - taken:
        advice = did_you_mean(name, taken) or f"they take {', '.join(sorted(taken)) or 'none'}"
        message = f"no function takes the package {name} along, of which a part is to be packed"
        yield Finding(_place_of(f'"{name}"', choreography), message, advice, Severity.WARNING)


def _permissions(choreography: Choreography) -> Iterator[Finding]:
    """Every rule must be allowed to reach its target, here as on AWS."""
    resources = [resource for stage in choreography.system.stages() for resource in stage]
    allowed = {(one.function_arn, one.rule_arn) for one in resources if isinstance(one, Permission)}
    for rule in resources:
        if isinstance(rule, Rule) and ":function:" in rule.target:
            arn = choreography.system.arns.rule(rule.name)
            if (rule.target, arn) not in allowed:
                message = f"rule {rule.name} may not invoke {rule.target.rpartition(':')[2]}"
                yield Finding(Place(choreography.stack_file), message, "give it a Permission")


def _row(module: str, choreography: Choreography) -> Place:
    """Where the stack's file names a module: the line of its row."""
    return _place_of(f".{module.rpartition('.')[2]}", choreography)


def _place_of(text: str, choreography: Choreography) -> Place:
    """Where the stack's file says something; its beginning, where it says so in other words."""
    lines = enumerate(choreography.stack_file.read_text().splitlines(), 1)
    number, line = next(((number, line) for number, line in lines if text in line), (1, text))
    return Place(choreography.stack_file, number, line.find(text) + 1)
