"""One event, one handler: `scripts/invoke.py`."""

import json
from pathlib import Path

import pytest

from bootstrap.clients import Clients
from observatory.records.ledger import Ledger
from testkit.waiting import wait_for
from tests.e2e.typing_commands import type_command


@pytest.fixture(scope="module")
def job(sandbox: Clients) -> str:
    """A run whose events are recorded."""
    done = type_command(sandbox, "start_run.py", "--people", "1", "--seed", "invoke", "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["job"])


def ids_of(sandbox: Clients, job: str, detail_type: str) -> list[str]:
    ledger = Ledger(sandbox, sandbox.stack.ledger)
    ledger.refresh()
    return [event.id for event in ledger.new_events(0)[0] if (event.job, event.type) == (job, detail_type)]


def test_a_recorded_event_is_handled_in_the_functions_role_and_what_it_emits_is_not_sent(
    sandbox: Clients, job: str
) -> None:
    before = ids_of(sandbox, job, "getUserCookies")
    (event_id,) = ids_of(sandbox, job, "getUserProfile")
    done = type_command(sandbox, "invoke.py", "processSingle", "--event", event_id)
    assert done.returncode == 0, done.stderr
    assert f"processSingle gets getUserProfile {event_id}" in done.stdout
    assert "emitted getUserCookies, not sent:" in done.stdout
    # A presigned URL has the token of a session: it is the role's, not the user's.
    assert "X-Amz-Security-Token" in done.stdout
    assert ids_of(sandbox, job, "getUserCookies") == before


def test_with_emit_it_is_sent(sandbox: Clients, job: str) -> None:
    before = ids_of(sandbox, job, "getUserCookies")
    done = type_command(sandbox, "invoke.py", "processSingle", "--emit")
    assert "emitted getUserCookies, sent:" in done.stdout, done.stderr
    wait_for("the event to be recorded", lambda: len(ids_of(sandbox, job, "getUserCookies")) > len(before))


def test_the_deployed_function_shows_its_log_from_start_to_report(sandbox: Clients, job: str) -> None:
    (event_id,) = ids_of(sandbox, job, "getUsers")
    done = type_command(sandbox, "invoke.py", "getMultiple", "--event", event_id, "--in-lambda")
    first, *log, last = done.stdout.splitlines()
    assert (first, done.returncode) == (f"getMultiple gets getUsers {event_id}", 0)
    assert log[0].startswith("START RequestId: ")
    assert log[-1].startswith("REPORT RequestId: ")
    assert last == "returned null"


def test_a_handler_that_raises_shows_where_and_is_status_1(sandbox: Clients) -> None:
    done = type_command(sandbox, "invoke.py", "sideEffect", "--sample")
    assert done.returncode == 1
    assert "handlers/side_effect.py" in done.stderr
    assert "scripts/invoke.py" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("handlers.shared.fetching.FetchError: ")


def test_the_deployed_function_that_raises_is_status_1(sandbox: Clients) -> None:
    done = type_command(sandbox, "invoke.py", "sideEffect", "--sample", "--in-lambda")
    assert (done.returncode, "failed {" in done.stdout) == (1, True)


def test_the_debugger_stops_in_the_handlers_own_first_line(sandbox: Clients, job: str) -> None:
    (event_id,) = ids_of(sandbox, job, "getUsers")
    done = type_command(
        sandbox, "invoke.py", "getMultiple", "--event", event_id, "--pdb", typed="p event['detail']['job']\nc\n"
    )
    assert "get_multiple.py" in done.stdout
    assert f"(Pdb) '{job}'" in done.stdout
    assert done.returncode == 0, done.stderr


def test_an_event_of_a_file_needs_no_sandbox(tmp_path: Path) -> None:
    shown = type_command(None, "invoke.py", "getMultiple", "--sample", "--profile")
    assert (shown.returncode, "cumulative" in shown.stdout) == (0, True), shown.stderr
    printed = shown.stdout.partition("made up:\n")[2]
    event, _end = json.JSONDecoder().raw_decode(printed)
    file = tmp_path / "event.json"
    event["detail"]["start"] = {"people": 2}
    file.write_text(json.dumps(event))
    done = type_command(None, "invoke.py", "getMultiple", "--event", f"@{file}")
    assert done.returncode == 0, done.stderr
    assert "without a sandbox, what it asks of AWS fails" in done.stdout
    assert "emitted done, not sent:" in done.stdout


def test_an_event_that_nobody_recorded_is_said_in_a_line(sandbox: Clients, job: str) -> None:
    other = ids_of(sandbox, job, "getUsers")[0]
    for event_id, said in (("1234", "no event 1234 is recorded"), (other, "processSingle gets getUserProfile")):
        done = type_command(sandbox, "invoke.py", "processSingle", "--event", event_id)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr
