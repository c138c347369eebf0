"""Who may emit which event, as the files of the stack say it before anything has run."""

from collections.abc import Iterator
from dataclasses import dataclass

from bootstrap.check.choreography import Choreography, WaitingState
from bootstrap.check.report import check
from bootstrap.clients import Clients
from bootstrap.description import Stack
from bootstrap.errors import BootstrapError
from bootstrap.loading import file_of, folder_of
from bootstrap.settings import SettingsError
from bootstrap.system import System
from observatory.records.consumers import FUNCTION, MACHINE

SOURCE = "source"


@dataclass(frozen=True)
class Wire:
    """Something that emits an event at some time.

    Args:
        kind: source, machine or function.
        name: What it is called.
        type: The event's detail type.
        waits: Whether it waits for the answer.
    """

    kind: str
    name: str
    type: str
    waits: bool = False


def read_wires(clients: Clients, stack: Stack) -> tuple[Wire, ...]:
    """Read what a stack's definitions and handlers emit; nothing, if they are not here or cannot be read.

    Args:
        clients: Whose settings say where the files are.
        stack: The stack as it was deployed.
    """
    module = clients.settings.stack
    try:
        system = System(stack, folder_of(module), clients.arns, clients.bucket, clients.settings)
        choreography = check(system, file_of(module)).choreography
    except (BootstrapError, SettingsError, ImportError, OSError):
        return ()
    return tuple(dict.fromkeys(_wires(choreography))) if choreography else ()


def _wires(choreography: Choreography) -> Iterator[Wire]:
    for emitter in choreography.emitters:
        if emitter.event is None:
            continue
        if emitter.kind == "state":
            machine = emitter.name.partition(".")[0]
            yield Wire(MACHINE, machine, emitter.event, waits=isinstance(emitter, WaitingState))
        elif emitter.kind == "function":
            yield Wire(FUNCTION, emitter.name, emitter.event)
        elif emitter.kind == "start":
            yield Wire(SOURCE, choreography.system.stack.source, emitter.event)
