"""The cookies on one screen: who ate how many? Every step emits an event and waits for a function to answer.

With it come, as with every stack, the machine that hands task tokens back, its rules, and the ledger: see system.py.
"""

from bootstrap.description import ColumnSpec, FunctionSpec, ItemSpec, MachineSpec, OptionSpec, Stack, StartSpec
from handlers.detail_types import DetailType

FUNCTIONS = (
    FunctionSpec("handlers.get_multiple", DetailType.GET_USERS),
    FunctionSpec("handlers.process_single", DetailType.GET_USER_PROFILE, uses_bucket=True),
    FunctionSpec("handlers.post_process_single", DetailType.GET_USER_COOKIES, uses_bucket=True),
    FunctionSpec("handlers.post_process_all", DetailType.GENERATE_REPORT, uses_bucket=True),
    # Same event as post_process_single's; the state machine never waits for this one.
    FunctionSpec("handlers.side_effect", DetailType.GET_USER_COOKIES, waited_for=False),
)

MACHINES = (
    MachineSpec(
        "EventdrivenMachine",
        "machines/eventdriven_machine.asl.json",
        starts=(StartSpec(DetailType.START, "StartMachineRule"),),
        options=(
            OptionSpec("people", "how many people (default: up to 19 at random)", maximum=2500),
            OptionSpec("seed", "the same seed gives the same names and cookies", execution=True),
        ),
        items={"ProcessMultiple": ItemSpec("person", "people", "numberOfCookiesConsumed", "cookies")},
        report="0-cookies.json",
        columns=(
            ColumnSpec("people", "people", output="numberOfPeople", items_of="ProcessMultiple"),
            ColumnSpec("totalCookiesConsumed", "cookies", output="totalCookiesConsumed"),
        ),
    ),
)

STACK = Stack(
    "eventdriven-sandbox",
    MACHINES,
    FUNCTIONS,
    item_key="name",
    packed={
        "faker": (
            "faker/*.py",
            "faker/utils/*.py",
            "faker/providers/__init__.py",
            # One language of the providers that are used; address imports date_time.
            *(f"faker/providers/{name}/__init__.py" for name in ("address", "company", "date_time", "person")),
            *(f"faker/providers/{name}/en_US/__init__.py" for name in ("address", "company", "date_time", "person")),
            "faker/providers/address/en/__init__.py",
        )
    },
)
