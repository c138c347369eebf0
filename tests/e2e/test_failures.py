"""Every run ends: with the report, or FAILED with a cause that names the function, the person and the error."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from observatory.records.dead_letters import DeadLetter, fetch
from observatory.story.story import Story, tell
from scripts import dead_letters
from testkit.breaking import break_function
from testkit.waiting import wait_for
from tests.e2e.breaking import ALWAYS_RAISES, HANDLER, UNKNOWN_IMPORT, mend
from tests.e2e.bus import Bus
from tests.e2e.runs import Runs
from tests.e2e.test_commands import start_run

# What the bus says of a handler that ends in ways no code of its own could tell of.
ENDS = {
    "raise": ("ValueError", "no cookies today"),
    "exit": ("Runtime.ExitError", "exit status 3"),
    "hold too much": ("Runtime.ExitError", "signal: killed"),
    "hang": ("Sandbox.Timedout", "Task timed out after 5"),
}
HANG_TIMEOUT_SECONDS = 5


def break_functions(clients: Clients) -> None:
    """Let postProcessSingle fail as start events say, and sideEffect always."""
    code = HANDLER.format(module="post_process_single")
    break_function(clients, "postProcessSingle", code, Timeout=HANG_TIMEOUT_SECONDS)
    break_function(clients, "sideEffect", ALWAYS_RAISES)


@pytest.fixture(scope="module")
def broken(sandbox: Clients) -> Iterator[Runs]:
    """Runs in an account with functions that fail."""
    break_functions(sandbox)
    yield Runs(sandbox)
    mend(sandbox)


@pytest.fixture(scope="module")
def ending(broken: Runs) -> dict[str, str]:
    """A run for each way to end, all at once."""
    return {how: broken.start(people=1, how={"*": how}) for how in ENDS}


def test_an_error_that_no_retry_mends_ends_the_run_at_once(runs: Runs, bus: Bus) -> None:
    job = runs.start(people=-1)
    run = runs.fail(job)
    assert run.error == run.failure["error"] == "PeopleError"
    assert run.failure["function"] == "getMultiple"
    assert run.failure["message"] == "people of the start event is -1: give a whole number from 0 to 2500"
    assert run.stored == {"job": job, "error": run.error, "cause": run.cause}
    (event,) = bus.wait_for(job, "failed", 1)
    assert event["detail"]["failure"] == run.failure
    assert event["detail"]["meta"]["fn"] == "getMultiple"


@pytest.mark.parametrize("how", ENDS)
def test_however_a_handler_ends_its_run_fails_and_says_so(broken: Runs, ending: dict[str, str], how: str) -> None:
    run = broken.fail(ending[how])
    error, message = ENDS[how]
    assert run.error == run.failure["error"] == error
    assert message in run.failure["message"]
    assert run.failure["function"] == "postProcessSingle"
    profile = next(name for name in broken.keys(run.execution) if name.startswith("basic-"))
    assert profile == f"basic-{run.failure['name']}.json"
    assert run.stored["cause"] == run.cause


def test_the_story_of_a_crash_goes_on_to_what_lambda_says_of_it(
    sandbox: Clients, broken: Runs, ending: dict[str, str]
) -> None:
    job = broken.fail(ending["exit"]).execution.rpartition(":")[2]

    def told() -> Story | None:
        story = tell(sandbox, STACK, job)
        return story if any(event.unhandled is not None for event in story.events) else None

    story = wait_for("Lambda's own event", told)
    assert story
    (said,) = (event for event in story.events if event.unhandled is not None)
    crash = story.emitter(said)
    assert crash
    assert crash.error
    assert "exit status 3" in crash.error
    assert [one.name for one in story.consumers_of(said)] == [STACK.finisher]


def test_a_side_effect_that_fails_ends_in_the_dead_letter_queue_and_fails_no_run(
    sandbox: Clients, broken: Runs
) -> None:
    run = broken.run(people=2)
    assert broken.status(run.execution) == "SUCCEEDED"
    queue = sandbox.sqs.get_queue_url(QueueName=STACK.functions[-1].dead_letters)["QueueUrl"]
    found: dict[str, str] = {}

    def everyone_is_there() -> bool:
        for message in sandbox.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            letter = json.loads(message["Body"])
            if letter["requestPayload"]["detail"]["job"] == run.job:
                found[letter["requestPayload"]["detail"]["name"]] = letter["responsePayload"]["errorMessage"]
        return found.keys() == set(run.report["names"])

    wait_for("the side effects' failures", everyone_is_there)
    assert set(found.values()) == {"no side effect today"}


def test_a_dead_letter_is_listed_and_sent_again_by_a_command(
    sandbox: Clients, broken: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(sandbox.settings.endpoint_url))
    run = broken.run(people=1)

    def letter() -> DeadLetter | None:
        return next(iter(fetch(sandbox, STACK, run.job).letters), None)

    first = wait_for("a dead letter", letter)
    assert first
    assert dead_letters.main([]) == 0
    assert re.search(rf"{first.id[:8]} +sideEffect +getUserCookies .* 3 +ValueError: no", capsys.readouterr().out)
    assert dead_letters.main(["--send", first.id]) == 0
    # It fails once more, and so there is another one.
    wait_for("another dead letter", lambda: (found := letter()) is not None and found.id != first.id)
    assert dead_letters.main(["--send", first.id]) == 1
    assert "was it sent again already?" in capsys.readouterr().err


@pytest.fixture
def impatient(sandbox: Clients) -> Iterator[Runs]:
    """Runs whose states do not wait for long, with functions that may keep silent."""
    mend(Clients(replace(sandbox.settings, task_timeout_seconds=15)))
    break_functions(sandbox)
    yield Runs(sandbox)
    mend(sandbox)


def test_a_run_that_waits_in_vain_fails_and_says_which_state_waited_and_for_whom(impatient: Runs) -> None:
    job = impatient.start(people=1, how={"*": "keep silent"})
    run = impatient.fail(job)
    (profile,) = (key for key in impatient.keys(run.execution) if key.startswith("basic-"))
    person = profile.removeprefix("basic-").removesuffix(".json")
    assert run.error == "TaskTimedOut"
    assert run.cause == (
        f"ProcessSingle waited for {person}, and no event closed its task in time: within 15 s, nothing that "
        f"getUserProfile led to brought its token back (python scripts/explain.py {job} says why)"
    )
    assert (run.stored["error"], run.stored["cause"]) == (run.error, run.cause)


def test_the_command_shows_the_cause_the_log_and_the_file_of_a_failed_run(sandbox: Clients) -> None:
    break_function(sandbox, "getMultiple", UNKNOWN_IMPORT)
    sandbox.lambda_.update_function_event_invoke_config(FunctionName="getMultiple", MaximumRetryAttempts=0)
    done = start_run(sandbox, "--people", "1")
    mend(sandbox)
    assert done.returncode == 1
    first, *lines, uri = done.stderr.splitlines()
    assert "FAILED: getMultiple failed: Runtime.ImportModuleError: Unable to import module" in first
    assert any(line.startswith("  log: ") and "nothing_that_exists" in line for line in lines)
    assert any(line.startswith("  where: GetMultiple, getMultiple, try 1 of 1, ") for line in lines)
    assert uri.startswith("s3://")
    assert uri.endswith("/0-failed.json")


@pytest.fixture
def tolerant(sandbox: Clients) -> Iterator[Runs]:
    """Runs of which half of the people may fail, with functions that do."""
    settings = replace(sandbox.settings, tolerated_failures=50, task_timeout_seconds=20, async_retries=0)
    mend(Clients(settings))
    break_functions(sandbox)
    yield Runs(sandbox)
    mend(sandbox)


def test_the_report_lists_who_is_missing_and_why_and_with_more_the_run_fails(tolerant: Runs) -> None:
    names = tolerant.run(people=4, seed="tolerant").report["names"]
    tolerated = tolerant.start(people=4, seed="tolerant", how={names[1]: "raise", names[2]: "keep silent"})
    too_many = tolerant.start(people=4, seed="tolerant", how=dict.fromkeys(names[1:], "raise"))
    report = tolerant.finish(tolerated).report
    raised, silent = report.pop("missing")
    assert report["names"] == [names[0], names[3]]
    assert report["numberOfPeople"] == 2
    assert (raised["name"], raised["error"]) == (names[1], "ValueError")
    assert json.loads(raised["cause"])["function"] == "postProcessSingle"
    assert (silent["name"], silent["error"]) == (names[2], "TaskTimedOut")
    assert silent["cause"].startswith(f"ProcessSingle waited for {names[2]}")
    failed = tolerant.fail(too_many)
    assert failed.error == "TooManyFailuresError"
    assert "3 of 4 people failed, 50 % are tolerated" in failed.failure["message"]
    assert names[1] in failed.failure["message"]
