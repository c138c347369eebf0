"""What is wrong with a workflow is said while its run waits, and after it has failed by it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Server
from tests.e2e.errands import DEFINITION, HANDLER, STACK_FILE, Errands, copy

EMITS = '    emit(event, DONE, {"brought": errand})\n'
CARRIED = '"TaskToken.$": "$$.Task.Token",\n'
ROW = 'FunctionSpec("errands.handlers.run_errand", "runErrand", uses_bucket=True),'
TIMEOUT = '"TimeoutSeconds": 6,\n'
# For what has to come to its end in that time.
LONGER = (DEFINITION, TIMEOUT, TIMEOUT.replace("6", "50"))
DENIED = "was not permitted to"


@dataclass(frozen=True)
class Mistake:
    """Something that is done wrong.

    Args:
        why: What is said of it while the run waits.
        edits: The file, what stands there, and what stands there instead.
        deployed: What is done to what is deployed.
    """

    why: str
    edits: tuple[tuple[str, str, str], ...] = ()
    deployed: Callable[[Errands], object] = lambda _errands: None


def forbid(errands: Errands, role: str, action: str) -> None:
    """Take a statement out of a role's policy."""
    iam = errands.clients.iam
    name = next(one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith(f"{role}Role"))
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    said: Any = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    other = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    kept = [one for one in said["Statement"] if action not in json.dumps(one)] or [other]
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps({**said, "Statement": kept}))


def forbid_rule(errands: Errands) -> None:
    errands.clients.lambda_.remove_permission(FunctionName="runErrand", StatementId="runErrandRule")


def remove_function(errands: Errands) -> None:
    errands.clients.lambda_.delete_function(FunctionName="runErrand")


WAITS = {
    "the handler emits nothing": Mistake("runErrand ended and emitted nothing", ((HANDLER, EMITS, ""),)),
    "the event is misspelt": Mistake(
        "no rule sends runErand to anyone: did you mean runErrand?",
        ((DEFINITION, '"DetailType": "runErrand"', '"DetailType": "runErand"'),),
    ),
    "the function is forgotten": Mistake("no rule sends runErrand to anyone", ((STACK_FILE, ROW, ""),)),
    "the token is not in the event": Mistake("runErrand carries no task token", ((DEFINITION, CARRIED, ""),)),
    "the handler emits another event": Mistake(
        "runErrand emitted async.done: no rule sends async.done to anyone, and ErrandsStepFinisher takes done",
        ((HANDLER, "emit(event, DONE,", 'emit(event, "async.done",'),),
    ),
    "the handler emits another token": Mistake(
        "runErrand emitted done with another task token",
        ((HANDLER, '"brought": errand}', '"brought": errand, "TaskToken": "another"}'),),
    ),
    "the permission of the rule is missing": Mistake(f"runErrandRule {DENIED} invoke runErrand", deployed=forbid_rule),
    "the function is gone": Mistake(
        "runErrandRule sends it to runErrand, and there is no such function", deployed=remove_function
    ),
    "the finisher may not be started": Mistake(
        f"ErrandsFinisherRule {DENIED} start ErrandsStepFinisher",
        deployed=lambda errands: forbid(errands, "ErrandsFinisherRule", "StartExecution"),
    ),
    "the finisher may not hand the token back": Mistake(
        f"ErrandsStepFinisher {DENIED} hand the token back",
        deployed=lambda errands: forbid(errands, "ErrandsStepFinisher", "SendTaskSuccess"),
    ),
}


@pytest.fixture
def errands(localstack: Server, tmp_path: Path) -> Iterator[Errands]:
    """A copy of the example, in which nothing is wrong yet."""
    yield copy(tmp_path, localstack.endpoint_url)


def deploy(errands: Errands, mistake: Mistake) -> None:
    for edit in mistake.edits:
        errands.edit(*edit)
    errands.deploy()
    mistake.deployed(errands)


@pytest.mark.parametrize("mistake", WAITS.values(), ids=WAITS.keys())
def test_a_run_says_why_it_waits_and_why_it_waited_in_vain(errands: Errands, mistake: Mistake) -> None:
    for edit in mistake.edits:
        errands.edit(*edit)
    waited, failed = "", ""
    # On a busy machine, not every look meets it while it waits.
    for before, seconds in pairwise((6, 6, 20, 50)):
        limit = (DEFINITION, TIMEOUT.replace("6", str(before)), TIMEOUT.replace("6", str(seconds)))
        deploy(errands, Mistake("", (limit,), mistake.deployed))
        waited, _, failed = errands.run("tea", timeout=100).partition("start_run: ")
        if f"Ask waits: {mistake.why}" in waited:
            break
    assert f"Ask waits: {mistake.why}" in waited
    assert re.search(rf"FAILED: Ask waited \d+ s for tea in vain \(States.Timeout\): {re.escape(mistake.why)}", failed)
    assert f"in vain (States.Timeout): {mistake.why}" in errands.explain().rpartition("FAILED: ")[2]


def test_a_run_that_would_wait_for_ever_says_why_when_it_is_given_up(errands: Errands) -> None:
    deploy(errands, Mistake("", ((DEFINITION, TIMEOUT, ""), (HANDLER, EMITS, ""))))
    shown = errands.run("tea", timeout=15)
    assert re.search(r"15 s have passed: .*\n.*last event runErrand at .*; runErrand ended and emitted nothing", shown)
    assert "Ask has waited" in errands.explain()


def test_a_function_that_raises_is_told_with_its_tries_and_the_line(errands: Errands) -> None:
    deploy(errands, Mistake("", ((STACK_FILE, ", uses_bucket=True", ""), LONGER)))
    # On a busy machine, not every look meets it between its tries.
    for _run in range(3):
        waited, _, failed = errands.run("tea").partition("start_run: ")
        told = re.search(r"Ask waits: runErrand raised KeyError: 'BUCKET' \(try [12] of 3", waited)
        if told:
            break
    assert told
    assert "FAILED: runErrand failed for tea: KeyError: 'BUCKET'" in failed
    assert re.search(
        r"where: Ask, runErrand, try 3 of 3, \S*errands/handlers/run_errand.py:25 in lambda_handler", failed
    )
    assert "log: [ERROR] KeyError: 'BUCKET'" in failed
    assert re.search(r"next: python scripts/invoke.py runErrand --event [0-9a-f-]{36} --pdb", failed)
    assert failed.count("KeyError") == 2


@pytest.mark.parametrize(
    ("edit", "then"),
    [
        ((DEFINITION, '"ResultPath": "$.failure",\n', ""), "Apologize"),
        ((DEFINITION, "$.failure.Cause", "$.failure.Cuase"), "Apologize"),
        ((DEFINITION, '"ErrorPath": "$.error"', '"Error": "States.Odd"'), "States.Odd"),
    ],
    ids=["no ResultPath", "a wrong path", "a Fail that is named as Step Functions' own"],
)
def test_a_failure_of_what_handles_failures_does_not_hide_the_first(
    errands: Errands, edit: tuple[str, str, str], then: str
) -> None:
    deploy(errands, Mistake("", (edit, LONGER)))
    failed = errands.run("closed").partition("start_run: ")[2]
    assert "FAILED: runErrand failed for closed: ShopClosedError: come back tomorrow" in failed.splitlines()[0]
    assert re.search(r"where: Ask, runErrand, \S*errands/handlers/run_errand.py:22 in lambda_handler", failed)
    (later,) = (line for line in failed.splitlines() if line.startswith("  then: "))
    assert then in later


def test_a_definition_that_leads_nowhere_is_refused_with_its_place(errands: Errands) -> None:
    errands.edit(DEFINITION, '"Next": "Brought"', '"Next": "Bruoght"')
    done = errands.type("-m", "bootstrap", "up", "--force")
    assert done.returncode != 0
    assert re.search(r"errand.asl.json:\d+:\d+: error: there is no state Bruoght: did you mean Brought\?", done.stderr)
