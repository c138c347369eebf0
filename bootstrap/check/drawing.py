"""The choreography as a picture in Mermaid, and as lines of text."""

from collections.abc import Iterator

from bootstrap.check.choreography import Choreography, Emitter, WaitingState

SHAPES = {"machine": '[["{}"]]', "queue": '[("{}")]', "state": '["{}"]', "function": '("{}")', "account": '("{}")'}


def lines(choreography: Choreography) -> Iterator[str]:
    """Say who emits which event and who takes it, a line an event."""
    for emitter in choreography.emitters:
        event = emitter.event or "?"
        takers = ", ".join(taker.name for taker in choreography.takers(emitter)) or "nobody"
        waits = " and waits" if isinstance(emitter, WaitingState) else ""
        yield f"{emitter.name} emits {event}{waits} → {takers}"


def flowchart(choreography: Choreography) -> Iterator[str]:
    """Draw who emits which event and who takes it."""
    yield "flowchart LR"
    stack = choreography.system.stack
    for machine in (*(one.name for one in stack.machines), stack.finisher):
        yield from _machine(machine, choreography)
    for function in stack.functions:
        yield f"    {_id('function', function.name)}{SHAPES['function'].format(function.name)}"
    for queue in stack.queues:
        yield f"    {_id('queue', queue.name)}{SHAPES['queue'].format(queue.name)}"
    for consumer in stack.consumers:
        yield f'    subgraph {_id("account", consumer.account)}["account {consumer.account}"]'
        yield f"        {_id('account', consumer.function.name)}{SHAPES['account'].format(consumer.function.name)}"
        yield "    end"
    for number, emitter in enumerate(choreography.emitters):
        yield from _edges(emitter, number, choreography)


def _machine(machine: str, choreography: Choreography) -> Iterator[str]:
    states = [one.name for one in choreography.emitters if one.name.startswith(f"{machine}.")]
    if not states:
        yield f"    {_id('machine', machine)}{SHAPES['machine'].format(machine)}"
        return
    yield f'    subgraph {_id("machine", machine)}["{machine}"]'
    for state in dict.fromkeys(states):
        yield f"        {_id('state', state)}{SHAPES['state'].format(state.removeprefix(f'{machine}.'))}"
    yield "    end"


def _edges(emitter: Emitter, number: int, choreography: Choreography) -> Iterator[str]:
    event = emitter.event or "?"
    start = _id(emitter.kind, emitter.name)
    if emitter.kind == "start":
        start = f"start_{number}"
        yield f"    {start}([start])"
    takers = choreography.takers(emitter)
    if not takers:
        yield f"    {start} -. {event} .-> nobody_{number}[ ]"
    for taker in takers:
        yield f"    {start} -. {event} .-> {_id(taker.kind, taker.name)}"


def _id(kind: str, name: str) -> str:
    return f"{kind}_{''.join(letter if letter.isalnum() else '_' for letter in name)}"
