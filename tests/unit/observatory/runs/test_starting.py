import pytest

from bootstrap.description import MachineSpec, OptionSpec, Stack, StartSpec
from bootstrap.errors import RefusedError, UnreachableError
from observatory.errors import DeadlinePassedError, NotBootstrappedError, RunNotStartedError, StartError
from observatory.runs.starting import (
    ExecutionFinder,
    check_start_rule,
    find_machine,
    find_start,
    fire,
    read_option,
    startable_machines,
)
from tests.unit.observatory.fakes import (
    EXECUTIONS,
    JOB,
    MACHINE,
    STACK,
    FakeClock,
    FakeEndpoint,
    client_error,
    connection_error,
)

START = MACHINE.starts[0]
SUFFIXED = f"{JOB}_0d1c7a54-3b5b-9c1e-5f7a-1f3d5a7b9c0e"
OTHER = "5f2b7f3e-1111-4222-8333-444455556666"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def endpoint(clock: FakeClock) -> FakeEndpoint:
    return FakeEndpoint(clock)


def find(endpoint: FakeEndpoint, within_secs: float = 100) -> str:
    finder = ExecutionFinder(endpoint.clients, endpoint.clock, MACHINE.name, START.rule)
    job = fire(endpoint.clients, STACK.source, START.event, {})
    return finder.find(job, endpoint.clock.now() + within_secs)


def test_the_start_event_is_put_on_the_bus_as_the_reference_does(endpoint: FakeEndpoint) -> None:
    job = fire(endpoint.clients, STACK.source, START.event, {"people": 5, "seed": '"'})

    assert job == JOB
    (entry,) = endpoint.put_entries
    assert entry == {
        "EventBusName": "default",
        "Source": "project",
        "DetailType": "start",
        "Detail": r'{"people": 5, "seed": "\""}',
    }


def test_an_entry_that_the_bus_does_not_take_is_an_error(endpoint: FakeEndpoint) -> None:
    entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}
    endpoint.put_answer = {"FailedEntryCount": 1, "Entries": [entry]}

    with pytest.raises(RunNotStartedError, match="InternalFailure: try later"):
        fire(endpoint.clients, STACK.source, START.event, {})


def test_a_refused_call_is_told_with_its_code(endpoint: FakeEndpoint) -> None:
    endpoint.failures["put_events"] = client_error("AccessDeniedException")

    with pytest.raises(RefusedError, match="AccessDeniedException"):
        fire(endpoint.clients, STACK.source, START.event, {})


def test_an_endpoint_where_nothing_listens_is_named(endpoint: FakeEndpoint) -> None:
    endpoint.failures["describe_rule"] = connection_error()

    with pytest.raises(UnreachableError, match=r"http://127[.]0[.]0[.]1:4566"):
        check_start_rule(endpoint.clients, START.rule)


def test_a_missing_rule_means_that_nothing_is_bootstrapped(endpoint: FakeEndpoint) -> None:
    endpoint.failures["describe_rule"] = client_error("ResourceNotFoundException")

    with pytest.raises(NotBootstrappedError, match=r"no StartMachineRule.*python -m bootstrap up"):
        check_start_rule(endpoint.clients, START.rule)


def test_a_missing_machine_means_that_nothing_is_bootstrapped(endpoint: FakeEndpoint) -> None:
    endpoint.failures["list_executions"] = client_error("StateMachineDoesNotExist")

    with pytest.raises(NotBootstrappedError, match=r"no EventdrivenMachine.*python -m bootstrap up"):
        ExecutionFinder(endpoint.clients, endpoint.clock, MACHINE.name, START.rule)


@pytest.mark.parametrize("name", [JOB, SUFFIXED])
def test_an_execution_is_found_by_a_name_that_begins_with_the_event_id(endpoint: FakeEndpoint, name: str) -> None:
    endpoint.started = {name: {}}

    assert find(endpoint) == f"{EXECUTIONS}:{name}"


def test_an_execution_with_another_name_is_found_by_the_event_in_its_input(endpoint: FakeEndpoint) -> None:
    endpoint.started = {"by-another-event": {"id": OTHER}, "by-hand": [], "random": {"id": JOB}}

    assert find(endpoint) == f"{EXECUTIONS}:random"


def test_executions_from_before_the_event_are_not_looked_into(endpoint: FakeEndpoint) -> None:
    endpoint.executions = {f"earlier-{number}": {"id": OTHER} for number in range(50)}
    endpoint.started = {"random": {"id": JOB}}

    find(endpoint)

    assert endpoint.calls.count("describe_execution") == 1


def test_an_execution_of_another_event_is_looked_into_once(endpoint: FakeEndpoint) -> None:
    endpoint.executions = {}
    endpoint.started = {"by-another-event": {"id": OTHER}}

    with pytest.raises(RunNotStartedError):
        find(endpoint)

    assert endpoint.calls.count("list_executions") > 10
    assert endpoint.calls.count("describe_execution") == 1


def test_an_execution_is_found_soon_after_it_appears(endpoint: FakeEndpoint, clock: FakeClock) -> None:
    endpoint.starts_after_secs = 0.3
    before = clock.now()

    find(endpoint)

    assert clock.now() - before < 0.6


def test_without_an_execution_hope_ends_after_half_a_minute(endpoint: FakeEndpoint, clock: FakeClock) -> None:
    endpoint.started = {}
    before = clock.now()

    with pytest.raises(RunNotStartedError, match=rf"{JOB}.*is StartMachineRule enabled"):
        find(endpoint)

    assert 30 <= clock.now() - before < 32


def test_the_deadline_comes_first_when_it_is_earlier(endpoint: FakeEndpoint, clock: FakeClock) -> None:
    endpoint.started = {}
    before = clock.now()

    with pytest.raises(DeadlinePassedError, match=JOB):
        find(endpoint, within_secs=5)

    assert 5 <= clock.now() - before < 7


ORDERS = MachineSpec("Orders", "orders.asl.json", (StartSpec("placed", "PlacedRule"), StartSpec("again", "AgainRule")))
SHOP = Stack(
    "shop", (MachineSpec("Idle", "idle.asl.json"), ORDERS, MachineSpec("Other", "o", (StartSpec("o", "oRule"),)))
)


def test_the_first_machine_that_an_event_starts_is_the_default() -> None:
    assert find_machine(SHOP, None) is ORDERS
    assert find_machine(SHOP, "Other").name == "Other"
    assert find_start(ORDERS, None).rule == "PlacedRule"
    assert find_start(ORDERS, "again").rule == "AgainRule"


@pytest.mark.parametrize("name", ["Idle", "nope"])
def test_a_machine_that_no_event_starts_is_refused_with_those_that_one_does(name: str) -> None:
    with pytest.raises(StartError, match=f"shop has no machine '{name}' that an event starts: give Orders, Other"):
        find_machine(SHOP, name)


def test_an_express_machine_is_refused_as_such() -> None:
    quick = MachineSpec("Quick", "quick.asl.json", (StartSpec("quick", "QuickRule"),), "EXPRESS")
    for others, advice in ((SHOP.machines, ": give Orders, Other"), ((), "")):
        stack = Stack("shop", (quick, *others))
        with pytest.raises(StartError) as refused:
            find_machine(stack, "Quick")
        assert str(refused.value) == f"Quick is an express machine, whose runs nobody keeps{advice}"
        assert quick not in startable_machines(stack)


def test_an_event_that_does_not_start_the_machine_is_refused_with_those_that_do() -> None:
    with pytest.raises(StartError, match="no event 'x' starts Orders: give placed, again"):
        find_start(ORDERS, "x")


def test_an_option_is_a_text_or_a_number_up_to_its_maximum() -> None:
    assert read_option(OptionSpec("colour", ""), "7") == "7"
    assert read_option(OptionSpec("count", "", maximum=20), "20") == 20
    for text in ("21", "-1", "1.5", "٣", "", "x", "1" * 5000):
        with pytest.raises(ValueError, match="is not a whole number from 0 to 20"):
            read_option(OptionSpec("count", "", maximum=20), text)
