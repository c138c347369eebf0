"""The bootstrap against a real account: it can be repeated, mends what was broken, and takes all of it away again."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from bootstrap import deploy
from bootstrap.changes import Action, Change
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from bootstrap.stack import STACK
from emulator.options import options_of
from emulator.server import Server
from observatory.story.troubles import is_complete
from testkit.ports import free_port
from testkit.waiting import wait_for
from testkit.workflow import Workflow
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Runs


def up(clients: Clients) -> Counter[Action]:
    """Bring everything up, and count what was done."""
    changes: list[Change] = []
    deploy.up(clients, changes.append)
    return Counter(change.action for change in changes)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """An account that nothing was made in yet."""
    options = options_of(load_settings())
    with Server(tmp_path_factory.mktemp("empty"), free_port()).running(options) as server:
        yield clients_of(server.endpoint_url)


@pytest.mark.parametrize("machine", [STACK.machines[0].name, STACK.finisher])
def test_step_functions_finds_the_machines_valid(sandbox: Clients, machine: str) -> None:
    definition = json.dumps(deploy.system(sandbox).definitions[machine])
    answer = sandbox.states.validate_state_machine_definition(definition=definition)
    assert (answer["result"], answer["diagnostics"]) == ("OK", [])


def test_up_a_second_time_changes_nothing(sandbox: Clients) -> None:
    assert set(up(sandbox)) == {Action.UNCHANGED}


def test_the_functions_are_as_the_table_says(sandbox: Clients) -> None:
    for function in STACK.functions:
        made = sandbox.lambda_.get_function_configuration(FunctionName=function.name)
        variables = set(made["Environment"]["Variables"])
        assert variables - {"BUCKET"} == {"EVENT_BUS", "EVENT_SOURCE", "ITEM_KEY"}
        assert ("BUCKET" in variables) == function.uses_bucket
        assert (made["Timeout"], made["Runtime"]) == (60, "python3.13")


def test_up_mends_only_what_was_changed_by_hand(sandbox: Clients, runs: Runs) -> None:
    sandbox.lambda_.update_function_configuration(FunctionName="sideEffect", Timeout=3)
    sandbox.events.remove_targets(Rule=STACK.finisher_rule, Ids=_target_ids(sandbox, STACK.finisher_rule))
    assert {str(change.resource.name) for change in deploy.diff(sandbox) if change.action is Action.UPDATED} == {
        "sideEffect",
        STACK.finisher_rule,
    }
    assert up(sandbox)[Action.UPDATED] == 2
    assert runs.run(people=1).report["numberOfPeople"] == 1


def test_down_removes_everything_and_up_makes_it_again(empty: Clients) -> None:
    assert set(up(empty)) == {Action.CREATED}
    run = Workflow(empty).run({"people": 2})
    # What is still to be logged would make its log group again.
    wait_for("all of its story", lambda: is_complete(run.story()))
    for removed in (Action.REMOVED, Action.ABSENT):
        changes: list[Change] = []
        deploy.down(empty, changes.append)
        assert {change.action for change in changes} == {removed}
    assert not empty.lambda_.list_functions()["Functions"]
    assert not empty.iam.list_roles()["Roles"]
    assert not empty.logs.describe_log_groups()["logGroups"]
    assert not empty.s3.list_buckets()["Buckets"]
    assert set(up(empty)) == {Action.CREATED}
    assert Runs(empty).run(people=2).report["numberOfPeople"] == 2


def test_an_up_that_was_killed_is_repaired_by_the_next(empty: Clients) -> None:
    deploy.down(empty, lambda _change: None)
    variables = os.environ | {"AWS_ENDPOINT_URL": str(empty.settings.endpoint_url)}
    killed = subprocess.Popen([sys.executable, "-m", "bootstrap", "up"], env=variables, stdout=subprocess.DEVNULL)
    wait_for("the first function", lambda: empty.lambda_.list_functions()["Functions"])
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    up(empty)
    assert set(up(empty)) == {Action.UNCHANGED}
    assert Runs(empty).run(people=1).report["numberOfPeople"] == 1


def _target_ids(clients: Clients, rule: str) -> list[str]:
    return [target["Id"] for target in clients.events.list_targets_by_rule(Rule=rule)["Targets"]]
