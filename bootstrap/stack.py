"""The whole system on one screen: functions, state machines, and the events that set them off."""

from dataclasses import dataclass
from typing import Any, Literal

from handlers.detail_types import DetailType

EVENT_BUS = "default"
EVENT_SOURCE = "project"

FUNCTION_RUNTIME = "python3.13"
FUNCTION_TIMEOUT_SECONDS = 60
FUNCTION_MEMORY_MEGABYTES = 256
LOG_RETENTION_DAYS = 1
DEAD_LETTER_RETENTION_DAYS = 14

Pattern = dict[str, Any]


def events_of(*detail_types: DetailType) -> Pattern:
    """What a rule must look for to see the project's events, of some types or of all."""
    pattern: Pattern = {"source": [EVENT_SOURCE]}
    return {**pattern, "detail-type": list(detail_types)} if detail_types else pattern


@dataclass(frozen=True)
class FunctionSpec:
    """A module of handlers/ and the event that invokes it; every AWS name derives from *module*.

    Nobody waits for a side effect: one that is not *waited_for*.
    """

    module: str
    trigger: DetailType
    uses_bucket: bool = False
    waited_for: bool = True

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
class RuleSpec:
    """A rule on the bus, and what the events are like that it looks for."""

    name: str
    pattern: Pattern


@dataclass(frozen=True)
class MachineSpec:
    """A state machine of machines/, and the rules that start it."""

    name: str
    definition: str
    type: Literal["STANDARD", "EXPRESS"]
    rules: tuple[RuleSpec, ...]


FUNCTIONS = (
    FunctionSpec("get_multiple", DetailType.GET_USERS),
    FunctionSpec("process_single", DetailType.GET_USER_PROFILE, uses_bucket=True),
    FunctionSpec("post_process_single", DetailType.GET_USER_COOKIES, uses_bucket=True),
    FunctionSpec("post_process_all", DetailType.GENERATE_REPORT, uses_bucket=True),
    # Same trigger as post_process_single; the state machine never waits for this one.
    FunctionSpec("side_effect", DetailType.GET_USER_COOKIES, waited_for=False),
)

# Where an event ends that a function which nobody waits for could not handle.
DEAD_LETTERS = "sideEffectDeadLetters"

# What Lambda itself puts on the bus when a function crashed, ran out of time, or failed as often as it is retried.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
INVOCATION_FAILED: Pattern = {
    "source": ["lambda"],
    "detail-type": ["Lambda Function Invocation Result - Failure"],
    "detail": {
        "requestContext": {
            "functionArn": [
                {"suffix": f":function:{function.name}:$LATEST"} for function in FUNCTIONS if function.waited_for
            ]
        }
    },
}

MACHINE = "EventdrivenMachine"
FINISHER = "StepFinisher"
START_RULE = "StartMachineRule"
FINISHER_RULE = "FinisherRule"
FAILED_RULE = "FailedRule"
INVOCATION_FAILED_RULE = "InvocationFailedRule"

# The ledger holds every event of the project; EventBridge writes to log groups of this prefix only.
LEDGER = "/aws/events/eventdriven-sandbox"
LEDGER_RULE = "LedgerRule"

MACHINES = (
    MachineSpec(
        MACHINE, "eventdriven_machine.asl.json", "STANDARD", (RuleSpec(START_RULE, events_of(DetailType.START)),)
    ),
    MachineSpec(
        FINISHER,
        "step_finisher.asl.json",
        "EXPRESS",
        (
            RuleSpec(FINISHER_RULE, events_of(DetailType.DONE)),
            RuleSpec(FAILED_RULE, events_of(DetailType.FAILED)),
            RuleSpec(INVOCATION_FAILED_RULE, INVOCATION_FAILED),
        ),
    ),
)
