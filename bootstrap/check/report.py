"""Check a whole stack: its files in, findings out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.check.choreography import Choreography
from bootstrap.check.dataflow import check_paths
from bootstrap.check.definitions import check_definition, check_placeholders, check_shape, read_places, states_with_ways
from bootstrap.check.findings import Finding, Place, Severity
from bootstrap.check.handlers import HandlerCode, read_handler
from bootstrap.check.places import Places
from bootstrap.check.subject import subject
from bootstrap.check.wiring import check_wiring
from bootstrap.definitions import DefinitionError
from bootstrap.grants import UnknownPermissionError
from bootstrap.packages import PackageError
from bootstrap.settings import Settings
from bootstrap.system import System


@dataclass(frozen=True)
class Report:
    """What was found, and the choreography; None where the files are too broken to tell."""

    findings: tuple[Finding, ...]
    choreography: Choreography | None

    @property
    def errors(self) -> int:
        """How many findings stop `up`."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def summary(self) -> str:
        """How many findings there are of each severity."""
        counts = Counter(finding.severity for finding in self.findings)
        parts = [f"{counts[one]} {one}{'' if counts[one] == 1 else 's'}" for one in Severity if counts[one]]
        return ", ".join(parts) or "nothing is wrong"

    def lines(self) -> Iterator[str]:
        """The findings, the worst first."""
        order = [*Severity]
        return map(str, sorted(self.findings, key=lambda one: (order.index(one.severity), str(one.place))))


def check(system: System, stack_file: Path) -> Report:
    """Check a stack; needs no emulator.

    Args:
        system: The stack, spelled out for any account.
        stack_file: The file that describes it.
    """
    findings: list[Finding] = []
    places = _read_places(system, findings)
    code = _read_code(system, stack_file, findings)
    if len(places) < len(system.machines):
        return Report(tuple(findings), None)
    try:
        definitions = system.definitions
    except DefinitionError as error:
        for machine in system.machines:
            findings += check_placeholders(places[machine.name], system.values_of(machine))
            findings += check_shape(places[machine.name])
        return Report(tuple(findings) or (Finding(Place(stack_file), str(error)),), None)
    for machine in system.machines:
        findings += check_definition(places[machine.name], definitions[machine.name], system.values_of(machine))
    if refused := _refused(system, places, stack_file):
        return Report(tuple(dict.fromkeys((*findings, refused))), None)
    choreography = Choreography(system, places, code, stack_file)
    if not any(finding.severity is Severity.ERROR for finding in findings):
        for machine in system.stack.machines:
            findings += check_paths(places[machine.name], definitions[machine.name])
    findings += check_wiring(choreography)
    return Report(tuple(dict.fromkeys(findings)), choreography)


def check_settings(settings: Settings) -> Report:
    """Check the stack that the settings name.

    Args:
        settings: Which stack, and what was chosen about it.

    Raises:
        SettingsError: There is no such stack.
    """
    return check(*subject(settings))


def _read_places(system: System, findings: list[Finding]) -> dict[str, Places]:
    places = {}
    for machine in system.machines:
        read = read_places(system.folder / machine.definition)
        if isinstance(read, Finding):
            findings.append(read)
        else:
            places[machine.name] = read
    return places


def _refused(system: System, places: dict[str, Places], stack_file: Path) -> Finding | None:
    """What of the stack no resource can be made of."""
    try:
        system.stages()
    except UnknownPermissionError as error:
        where = places[error.machine]
        way = next(way for way, _state in states_with_ways(where.value) if way[-1] == error.state)
        return Finding(where.place((*way, "Resource")), f"{error.state}: {error.what}")
    except DefinitionError as error:
        return Finding(Place(stack_file), str(error))
    return None


def _read_code(system: System, stack_file: Path, findings: list[Finding]) -> dict[str, HandlerCode]:
    code = {}
    stack = system.stack
    for function in (*stack.functions, *(consumer.function for consumer in stack.consumers)):
        try:
            code[function.name] = read_handler(function.module)
        except PackageError as error:
            findings.append(_unreadable(function.name, error, stack_file))
    return code


def _unreadable(function: str, error: PackageError, stack_file: Path) -> Finding:
    syntax = error.__cause__
    if isinstance(syntax, SyntaxError) and syntax.filename:
        place = Place(Path(str(syntax.filename)), syntax.lineno or 1, syntax.offset or 1)
        return Finding(place, f"not Python: {syntax.msg}")
    return Finding(Place(stack_file), f"{function}: {error}")
