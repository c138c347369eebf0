"""The whole system on one screen: functions, state machines, and the events that set them off."""

from dataclasses import dataclass
from typing import Literal

from handlers.detail_types import DetailType

EVENT_BUS = "default"
EVENT_SOURCE = "project"

FUNCTION_RUNTIME = "python3.13"
FUNCTION_TIMEOUT_SECONDS = 60
FUNCTION_MEMORY_MEGABYTES = 256
LOG_RETENTION_DAYS = 1


@dataclass(frozen=True)
class FunctionSpec:
    """A module of handlers/ and the event that invokes it; every AWS name derives from *module*."""

    module: str
    trigger: DetailType
    uses_bucket: bool = False

    @property
    def name(self) -> str:
        """The function's name: the module's, in camel case."""
        first, *others = self.module.split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def rule(self) -> str:
        """The name of the rule that invokes it."""
        return f"{self.name}Rule"


@dataclass(frozen=True)
class MachineSpec:
    """A state machine of machines/, and the rule and event that start it."""

    name: str
    definition: str
    type: Literal["STANDARD", "EXPRESS"]
    rule: str
    trigger: DetailType


FUNCTIONS = (
    FunctionSpec("get_multiple", DetailType.GET_USERS),
    FunctionSpec("process_single", DetailType.GET_USER_PROFILE, uses_bucket=True),
    FunctionSpec("post_process_single", DetailType.GET_USER_COOKIES, uses_bucket=True),
    FunctionSpec("post_process_all", DetailType.GENERATE_REPORT, uses_bucket=True),
    # Same trigger as post_process_single; the state machine never waits for this one.
    FunctionSpec("side_effect", DetailType.GET_USER_COOKIES),
)

MACHINE = "EventdrivenMachine"
FINISHER = "StepFinisher"
START_RULE = "StartMachineRule"
FINISHER_RULE = "FinisherRule"

# The ledger holds every event of the project; EventBridge writes to log groups of this prefix only.
LEDGER = "/aws/events/eventdriven-sandbox"
LEDGER_RULE = "LedgerRule"

MACHINES = (
    MachineSpec(MACHINE, "eventdriven_machine.asl.json", "STANDARD", START_RULE, DetailType.START),
    MachineSpec(FINISHER, "step_finisher.asl.json", "EXPRESS", FINISHER_RULE, DetailType.DONE),
)
