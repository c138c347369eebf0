"""Which functions take a debugger, and on which ports."""

from collections.abc import Sequence

from bootstrap.check.findings import did_you_mean
from bootstrap.description import Stack
from bootstrap.settings import SettingsError

# What LocalStack is told: names of functions, or each with a colon and its port.
ASKED_VARIABLE = "SANDBOX_DEBUG"
ALL = "all"


def debug_ports(names: Sequence[str], stack: Stack, ports: range) -> dict[str, int]:
    """Give each function that is to take a debugger a port, in the order in which they are named.

    Args:
        names: Those of functions, or `all`.
        stack: Whose functions.
        ports: What there is to give.

    Raises:
        SettingsError: The stack has no such function, or there are more of them than ports.
    """
    known = [function.name for function in stack.functions]
    wanted = known if ALL in names else list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            advice = did_you_mean(name, known) or f"it has {', '.join(known)}"
            raise SettingsError(f"no debugger for {name!r}: stack {stack.name} has no such function; {advice}")
    if len(wanted) > len(ports):
        raise SettingsError(
            f"DEBUG_PORTS has {len(ports)} ports for {len(wanted)} functions that take a debugger: give more of them"
        )
    return dict(zip(wanted, ports, strict=False))


def read(asked: str) -> dict[str, int] | None:
    """The ports that go with names, as scripts/sandbox.py writes them; None if there are names only."""
    words = [word.partition(":") for word in asked.split(",")]
    return {name: int(port) for name, _colon, port in words} if all(port for _, _, port in words) else None
