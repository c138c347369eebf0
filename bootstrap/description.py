"""What a stack can say of itself: its functions, machines, queues and consumers, and how people speak of its runs.

A stack is a module with a `STACK`; the setting of that name says which. Everything else reads it from there: the
bootstrap, the policies, the commands, the pages and the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Pattern = dict[str, Any]
Value = str | int | float | bool


@dataclass(frozen=True)
class GrantSpec:
    """What a function or machine may do besides what follows from the rest of its description.

    Args:
        actions: IAM's names of them, such as `sqs:SendMessage`.
        resource: The ARN of what it may do that with; placeholders are filled in, as in a definition.
    """

    actions: tuple[str, ...]
    resource: str


@dataclass(frozen=True)
class FunctionSpec:
    """A module with a `lambda_handler`, and the event that invokes it; every AWS name derives from the module's.

    Args:
        module: Its dotted name, such as `handlers.get_multiple`.
        event: The detail type of the events that it gets.
        waited_for: Whether a state waits until it has answered; nobody waits for a side effect, and the events that it
            could not handle end in a queue of its own.
        uses_bucket: Whether it reads and writes the bucket, whose name it then has in `BUCKET`.
        timeout_seconds: How long an invocation may take.
        memory_megabytes: How much memory it may use.
        variables: Its environment, besides what every function has.
        packages: Names of installed distributions that it needs, besides those that its modules import.
        grants: What it may do, besides emitting, logging and using the bucket.
    """

    module: str
    event: str
    waited_for: bool = True
    uses_bucket: bool = False
    timeout_seconds: int = 60
    memory_megabytes: int = 256
    variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    grants: tuple[GrantSpec, ...] = ()

    @property
    def name(self) -> str:
        """The function's name: the last part of the module's, in camel case."""
        first, *others = self.module.rpartition(".")[2].split("_")
        return first + "".join(word.capitalize() for word in others)

    @property
    def rule(self) -> str:
        """The name of the rule that invokes it."""
        return f"{self.name}Rule"

    @property
    def log_group(self) -> str:
        """Where Lambda writes its log if it is not told otherwise."""
        return f"/aws/lambda/{self.name}"

    @property
    def dead_letters(self) -> str:
        """The name of the queue of what it could not handle, if nobody waits for it."""
        return f"{self.name}DeadLetters"


@dataclass(frozen=True)
class StartSpec:
    """An event that starts a machine, and the rule on the bus that sees to it.

    Args:
        event: The event's detail type.
        rule: The rule's name.
    """

    event: str
    rule: str


@dataclass(frozen=True)
class ItemSpec:
    """What an item of a Map is called.

    Args:
        one: One of them, such as `order`.
        many: Several of them.
        result: The key of what a task was answered that is worth a column beside the item.
        result_title: What that column is called.
    """

    one: str = "item"
    many: str = "items"
    result: str | None = None
    result_title: str | None = None


@dataclass(frozen=True)
class ColumnSpec:
    """A value worth showing beside a run.

    Args:
        name: What programs know it by.
        title: What people call it.
        output: The key of the machine's output that holds it.
        items_of: The Map of whose items it is the number, while there is no output.
    """

    name: str
    title: str
    output: str | None = None
    items_of: str | None = None


@dataclass(frozen=True)
class OptionSpec:
    """A key of the start event's detail that people can give by an option of its own.

    Args:
        name: The key; the option is `--name`.
        help: What it says, in a few words.
        maximum: The largest number that it may be; without one it is a text.
        execution: Whether the execution's ARN takes its place where it is not given.
    """

    name: str
    help: str
    maximum: int | None = None
    execution: bool = False


@dataclass(frozen=True)
class MachineSpec:
    """A state machine, and the events that start it.

    Args:
        name: Its name.
        definition: Its file in the Amazon States Language, beside the stack's module.
        starts: The events that start it; the first is what `start_run.py` fires.
        type: Whether it is a standard or an express one.
        options: What of the start event's detail has an option of its own.
        items: What the items of its Maps are called, by the Map's state; others are called items.
        report: The name of the object in which a run leaves its report, below its execution.
        columns: What of a run is worth a column.
        substitutions: What its placeholders stand for, besides what every definition has.
        grants: What it may do, besides what its states do.
    """

    name: str
    definition: str
    starts: tuple[StartSpec, ...] = ()
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    options: tuple[OptionSpec, ...] = ()
    items: Mapping[str, ItemSpec] = field(default_factory=dict)
    report: str | None = None
    columns: tuple[ColumnSpec, ...] = ()
    substitutions: Mapping[str, Value] = field(default_factory=dict)
    grants: tuple[GrantSpec, ...] = ()


@dataclass(frozen=True)
class QueueSpec:
    """A queue.

    Args:
        name: Its name.
        event: The detail type of the events that a rule sends to it; without one, whoever is granted to sends messages.
        retention_days: How long it keeps messages.
    """

    name: str
    event: str | None = None
    retention_days: int = 4

    @property
    def rule(self) -> str:
        """The name of the rule that sends events to it."""
        return f"{self.name}Rule"


@dataclass(frozen=True)
class ConsumerSpec:
    """A function in another account, which gets events that a rule forwards to that account's bus.

    Args:
        account: The account's 12 digits.
        function: The function, its event and all that it has there; nobody waits for it.
    """

    account: str
    function: FunctionSpec

    def __post_init__(self) -> None:
        """Nobody waits for a function whose answer goes to another account's bus."""
        object.__setattr__(self, "function", replace(self.function, waited_for=False))

    @property
    def forwarding_rule(self) -> str:
        """The name of the rule that forwards the events."""
        return f"{self.function.name}ForwardingRule"


@dataclass(frozen=True)
class Stack:
    """A system of machines and functions that talk by events.

    Args:
        name: What its bucket and its ledger are named after, and what everything made for it is tagged with.
        machines: Its state machines, besides the finisher, which closes the tasks of all of them.
        functions: Its functions.
        source: The source of its events.
        prefix: What the names begin with of what every stack has, so that two stacks fit into one account.
        item_key: The key of an event's detail that says which item of a Map it is about.
        queues: Its queues, besides the dead letters.
        consumers: Functions in other accounts.
        packed: The files, as glob patterns, of those packages of which a part is enough.
    """

    name: str
    machines: tuple[MachineSpec, ...]
    functions: tuple[FunctionSpec, ...] = ()
    source: str = "project"
    prefix: str = ""
    item_key: str = "item"
    queues: tuple[QueueSpec, ...] = ()
    consumers: tuple[ConsumerSpec, ...] = ()
    packed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def finisher(self) -> str:
        """The name of the express machine that hands task tokens back."""
        return f"{self.prefix}StepFinisher"

    @property
    def finisher_rule(self) -> str:
        """The name of the rule that brings `done` events to it."""
        return f"{self.prefix}FinisherRule"

    @property
    def failed_rule(self) -> str:
        """The name of the rule that brings `failed` events to it."""
        return f"{self.prefix}FailedRule"

    @property
    def invocation_failed_rule(self) -> str:
        """The name of the rule that brings Lambda's own failure events to it."""
        return f"{self.prefix}InvocationFailedRule"

    @property
    def ledger(self) -> str:
        """The log group that holds every event; EventBridge writes to log groups of this prefix only."""
        return f"/aws/events/{self.name}"

    @property
    def ledger_rule(self) -> str:
        """The name of the rule that writes them there."""
        return f"{self.prefix}LedgerRule"

    @property
    def waited_for(self) -> tuple[FunctionSpec, ...]:
        """The functions whose answer a state waits for."""
        return tuple(function for function in self.functions if function.waited_for)

    @property
    def other_accounts(self) -> tuple[str, ...]:
        """The accounts of its consumers, each once."""
        return (*dict.fromkeys(consumer.account for consumer in self.consumers),)

    def events_of(self, *detail_types: str) -> Pattern:
        """What a rule must look for to see the stack's events, of some types or of all."""
        pattern: Pattern = {"source": [self.source]}
        return {**pattern, "detail-type": list(detail_types)} if detail_types else pattern

    def machine(self, name: str) -> MachineSpec | None:
        """The machine of a name, if the stack has one."""
        return next((machine for machine in self.machines if machine.name == name), None)
