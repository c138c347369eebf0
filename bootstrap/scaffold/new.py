"""Write a new step, or a new side effect: handler, event, row, state and test, or nothing of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap.check.choreography import Choreography
from bootstrap.check.definitions import states_with_ways
from bootstrap.check.findings import did_you_mean
from bootstrap.check.places import Places
from bootstrap.check.report import check_settings
from bootstrap.check.samples import filled_in, sample_event
from bootstrap.description import FunctionSpec, Stack
from bootstrap.loading import folder_of
from bootstrap.policies import EVENT_BUS
from bootstrap.scaffold import templates
from bootstrap.scaffold.definition_text import state_to_follow, with_state
from bootstrap.scaffold.names import Names, ScaffoldError
from bootstrap.scaffold.stack_text import StackText
from bootstrap.settings import Settings
from handlers.shared.detail_types import DONE

Json = dict[str, Any]

TESTS = Path("tests")
BESIDE_THE_OTHERS = TESTS / "unit" / "handlers"


@dataclass(frozen=True)
class Written:
    """A file, what it is to say, and what of that is yet to be filled in."""

    file: Path
    text: str
    what: str
    to_fill_in: str = ""


def new_step(settings: Settings, name: str, after: str) -> list[Written]:
    """Write a function, and a state that asks it and waits, behind another state.

    Args:
        settings: Which stack.
        name: What it does, in words that are joined somehow.
        after: The state, `machine.state` where several machines have one of that name.

    Raises:
        ScaffoldError: Something of that name is there, or nothing can follow that state.
        SettingsError: There is no such stack.
    """
    choreography = _choreography(settings)
    names, stack = Names.of(name), choreography.system.stack
    machine, state = _machine_of(choreography, after)
    places = choreography.places[machine]
    way, followed = state_to_follow(places, machine, state)
    stack_text = StackText(choreography.stack_file)
    _refuse_what_exists(choreography, names, stack_text, step=True)
    text = with_state(places, places.file.read_text(encoding="utf-8"), way, names, stack.source)
    event = _event(choreography, FunctionSpec(_module(stack, names), names.function))
    event["detail"] = filled_in(choreography, machine, names.state, _asked_detail(Places(places.file, text), names))
    beside = _asked_by(choreography, machine, state)
    return _save(
        [
            Written(stack_text.enum_file, stack_text.with_event(names), f"event {names.function}"),
            _step_handler(stack, names, stack_text),
            _row(stack_text, stack_text.with_row(_module(stack, names), names.member, beside, waited_for=True)),
            Written(
                places.file,
                text,
                f"state {names.state}, between {state} and {followed.get('Next', 'the end')}",
                "what else the event says, and with ResultSelector and ResultPath what of the answer is kept",
            ),
            _test(choreography, names, event, step=True),
        ]
    )


def new_side_effect(settings: Settings, name: str, event: str) -> list[Written]:
    """Write a function that an event invokes, and that nobody waits for.

    Args:
        settings: Which stack.
        name: What it does, in words that are joined somehow.
        event: The event's detail type.

    Raises:
        ScaffoldError: Something of that name is there, or nothing emits that event.
        SettingsError: There is no such stack.
    """
    choreography = _choreography(settings)
    names, stack = Names.of(name), choreography.system.stack
    stack_text = StackText(choreography.stack_file)
    _refuse_what_exists(choreography, names, stack_text, step=False)
    emitted = sorted({emitter.event for emitter in choreography.emitters if emitter.event})
    members = {known: member for known, member in stack_text.members.items() if known in emitted}
    if event not in members:
        advice = did_you_mean(event, members) or f"they emit {', '.join(members)}"
        raise ScaffoldError(f"nothing of stack {stack.name} emits {event}: {advice}")
    function = FunctionSpec(_module(stack, names), event, waited_for=False)
    return _save(
        [
            Written(
                _handler_file(stack, names),
                templates.SIDE_EFFECT.substitute(sentence=names.sentence),
                f"function {names.function}",
                "read what you need of the event, and do what it is there for",
            ),
            _row(stack_text, stack_text.with_row(function.module, members[event], None, waited_for=False)),
            _test(choreography, names, _event(choreography, function), step=False),
        ]
    )


def _asked_detail(written: Places, names: Names) -> Json:
    """What the event says that the new state puts on the bus."""
    new = next(state for way, state in states_with_ways(written.value) if way[-1] == names.state)
    detail: Json = new["Parameters"]["Entries"][0]["Detail"]
    return detail


def _asked_by(choreography: Choreography, machine: str, state: str) -> str | None:
    """The last part of the module of the function that a state waits for."""
    asked = {emitter.event for emitter in choreography.waiting if emitter.name == f"{machine}.{state}"}
    answering = (one for one in choreography.system.stack.functions if one.event in asked and one.waited_for)
    return next((one.module.rpartition(".")[2] for one in answering), None)


def _step_handler(stack: Stack, names: Names, stack_text: StackText) -> Written:
    values = {
        "sentence": names.sentence,
        "enum": stack_text.enum,
        "enum_module": stack_text.enum_module,
        "done": f"{stack_text.enum}.{stack_text.members[DONE]}" if DONE in stack_text.members else f'"{DONE}"',
    }
    return Written(
        _handler_file(stack, names),
        templates.STEP.substitute(values),
        f"function {names.function}",
        "read what you need of the event, and add your answer to what is emitted",
    )


def _row(stack_text: StackText, text: str) -> Written:
    return Written(stack_text.file, text, "its row", "uses_bucket, variables and grants, if it needs them")


def _choreography(settings: Settings) -> Choreography:
    report = check_settings(settings)
    if report.choreography is None or report.errors:
        raise ScaffoldError(f"{settings.stack} has {report.summary}: mend that first, see `python -m bootstrap check`")
    return report.choreography


def _machine_of(choreography: Choreography, after: str) -> tuple[str, str]:
    """The machine, and the state in it."""
    machines = [machine.name for machine in choreography.system.stack.machines]
    named, _, state = after.partition(".")
    if named in machines and state:
        return named, state
    having = [name for name in machines if after in _states(choreography.places[name])]
    if len(having) > 1:
        raise ScaffoldError(f"{' and '.join(having)} have a state {after}: say {having[0]}.{after}")
    if not having:
        known = {state for name in machines for state in _states(choreography.places[name])}
        advice = did_you_mean(after, known) or f"there are {', '.join(sorted(known))}"
        raise ScaffoldError(f"no machine has a state {after}: {advice}")
    return having[0], after


def _states(places: Places) -> set[str]:
    return {str(way[-1]) for way, _state in states_with_ways(places.value)}


def _module(stack: Stack, names: Names) -> str:
    return f"{stack.functions[0].module.rpartition('.')[0]}.{names.module}".removeprefix(".")


def _handler_file(stack: Stack, names: Names) -> Path:
    return folder_of(stack.functions[0].module) / f"{names.module}.py"


def _test_file(names: Names) -> Path:
    return (BESIDE_THE_OTHERS if BESIDE_THE_OTHERS.is_dir() else TESTS).absolute() / f"test_{names.module}.py"


def _refuse_what_exists(choreography: Choreography, names: Names, stack_text: StackText, *, step: bool) -> None:
    """Make sure that nothing is there under any of the names.

    Raises:
        ScaffoldError: Something is.
    """
    for what in _existing(choreography, names, stack_text, step=step):
        raise ScaffoldError(f"{what} exists: give another name")


def _existing(choreography: Choreography, names: Names, stack_text: StackText, *, step: bool) -> Iterator[str]:
    stack = choreography.system.stack
    if names.function in {one.name for one in (*stack.functions, *(one.function for one in stack.consumers))}:
        yield f"function {names.function}"
    for file in (_handler_file(stack, names), _test_file(names)):
        if file.exists():
            yield f"file {_shown(file)}"
    if step:
        if names.function in stack_text.members or names.member in stack_text.members.values():
            yield f"event {names.function}"
        for machine in stack.machines:
            if names.state in _states(choreography.places[machine.name]):
                yield f"state {names.state} of {machine.name}"


def _event(choreography: Choreography, function: FunctionSpec) -> Json:
    """An event for a function that is not there yet; what differs each time, a test has as it likes."""
    return {**sample_event(choreography, function), "id": "an-event", "time": "2000-01-01T00:00:00Z"}


def _test(choreography: Choreography, names: Names, event: Json, *, step: bool) -> Written:
    stack = choreography.system.stack
    variables = {
        "AWS_LAMBDA_FUNCTION_NAME": names.function,
        "AWS_DEFAULT_REGION": choreography.system.arns.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "EVENT_BUS": EVENT_BUS,
        "EVENT_SOURCE": stack.source,
        "ITEM_KEY": stack.item_key,
    }
    text = templates.TEST.substitute(
        function=names.function,
        module=_module(stack, names),
        event=templates.literal(event),
        variables=templates.literal(variables),
        fact=templates.STEP_FACT if step else templates.SIDE_EFFECT_FACT,
        expectation=templates.STEP_EXPECTATION if step else templates.SIDE_EFFECT_EXPECTATION,
    )
    return Written(_test_file(names), text, "a test", "what the event holds, and what you expect")


def _save(files: list[Written]) -> list[Written]:
    """Write all of it, now that each part of it could be made."""
    for written in files:
        written.file.parent.mkdir(parents=True, exist_ok=True)
        written.file.write_text(written.text, encoding="utf-8")
    return files


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
