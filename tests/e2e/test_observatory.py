"""The web application on a real sandbox: what its pages ask for, and what they cannot be made to do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from emulator.ports import ServerError
from scripts.viewer import Viewer
from testkit.ports import free_port
from testkit.waiting import wait_for
from tests.e2e.runs import Runs

SCRIPT = "<script>alert(1)</script>"
STREAM_SECONDS = 120


@pytest.fixture
def browser(observatory: str) -> Iterator[httpx2.Client]:
    """Asks as one of the pages does."""
    with httpx2.Client(base_url=observatory, headers={"origin": observatory}, timeout=STREAM_SECONDS) as client:
        yield client


def start(browser: httpx2.Client, **asked: Any) -> str:
    """Start a run with the button."""
    answer = browser.post("/api/runs", json=asked)
    assert answer.status_code == 201, answer.text
    job: str = answer.json()["job"]
    return job


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The rows of a table that came as columns."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def follow(browser: httpx2.Client, job: str) -> dict[str, Any]:
    """The story of a run, once nothing more is to come."""

    def look() -> dict[str, Any] | None:
        story = story_of(browser, job)
        return story if story["complete"] else None

    return wait_for("the end of the run", look) or {}


def story_of(browser: httpx2.Client, job: str) -> dict[str, Any]:
    answer = browser.get(f"/api/runs/{job}")
    assert answer.status_code == 200, answer.text
    story: dict[str, Any] = answer.json()
    return story


def test_a_run_that_is_started_in_the_browser_is_followed_to_its_end_and_is_complete(browser: httpx2.Client) -> None:
    job = start(browser, people=4, seed="a")
    story = follow(browser, job)
    assert story["summary"]["status"] == "SUCCEEDED"
    assert {state["class"] for state in story["states"]} == {"succeeded", "idle"}
    # start, getUsers and its done, four a person, generateReport and its done
    assert len(rows(story["events"])) == 3 + 4 * 4 + 2
    invocations = rows(story["invocations"])
    assert len(invocations) == 1 + 3 * 4 + 1
    assert all(one["emitted"] and one["causeEventId"] and one["ended"] for one in invocations)
    assert sum(one["isSideEffect"] for one in invocations) == 4
    assert story["report"]["numberOfPeople"] == story["summary"]["columns"]["people"] == 4


def test_what_changes_of_a_run_is_told_while_it_goes_on_and_once_it_has_ended(browser: httpx2.Client) -> None:
    with browser.stream("GET", "/api/live") as answer:
        changes = iter(httpx2.EventSource(answer))
        assert next(changes).event == "tick"
        # So many that there is time to look.
        job = start(browser, people=60, seed="live")
        seen = set()
        while "SUCCEEDED" not in seen:
            told = next(changes)
            runs = json.loads(told.data)["runs"] if told.event == "runs" else []
            seen |= {run["status"] for run in runs if run["job"] == job}
    assert "RUNNING" in seen
    assert browser.get("/api/runs").json()["runs"][0]["job"] == job


def test_every_object_and_the_log_of_every_invocation_can_be_read(browser: httpx2.Client) -> None:
    job = start(browser, people=2, seed="b")
    follow(browser, job)
    story = story_of(browser, job)
    contents = {name: browser.get(f"/api/runs/{job}/objects/{name}") for name in story["objects"]["name"]}
    assert len(contents) == 5
    assert all(answer.status_code == 200 for answer in contents.values())
    assert contents["0-cookies.json"].json() == story["report"]
    for one in rows(story["invocations"]):
        lines = browser.get(f"/api/runs/{job}/log?request={one['requestId']}").json()["lines"]
        assert any(line["fields"].get("eventId") == one["causeEventId"] for line in lines)


def test_a_done_that_is_sent_again_changes_nothing(browser: httpx2.Client, runs: Runs) -> None:
    job = start(browser, people=2, seed="c")
    follow(browser, job)

    def answered() -> dict[str, Any] | None:
        events = rows(story_of(browser, job)["events"])
        return next((event for event in events if event["type"] == "done" and event["item"]), None)

    done = wait_for("the answer of somebody", answered) or {}
    before = story_of(browser, job)
    objects = runs.objects(runs.finish(job))
    original = browser.get(f"/api/runs/{job}/events/{done['id']}").json()
    sent = {"detailType": "done", "detail": original["detail"], "replayOf": original["id"]}
    replayed = browser.post("/api/events", json=sent).json()["id"]

    def recorded() -> Any:
        return next((event for event in rows(story_of(browser, job)["events"]) if event["id"] == replayed), None)

    assert wait_for("the event in the ledger", recorded)["replayOf"] == original["id"]
    after = story_of(browser, job)
    assert (after["report"], after["summary"]["status"]) == (before["report"], "SUCCEEDED")
    assert after["summary"]["columns"]["people"] == 2
    assert len(after["invocations"]["requestId"]) == len(before["invocations"]["requestId"])
    assert runs.objects(runs.finish(job)) == objects


def test_a_start_that_is_sent_again_is_a_new_run(browser: httpx2.Client) -> None:
    job = start(browser, people=1, seed="d")
    follow(browser, job)
    (original,) = browser.get(f"/api/runs/{job}/events?type=start").json()["events"]
    sent = {"detailType": "start", "detail": {**original["detail"], "people": 2}, "replayOf": job}
    again = browser.post("/api/events", json=sent).json()["id"]
    wait_for("the new run", lambda: browser.get(f"/api/runs/{again}").status_code == 200)
    assert follow(browser, again)["summary"]["columns"]["people"] == 2
    assert again != job


@pytest.mark.parametrize("asked", [{"people": 3, "seed": "e"}, {"people": 3}, {}])
def test_run_again_gives_the_same_names_and_cookies(browser: httpx2.Client, asked: dict[str, Any]) -> None:
    job = start(browser, **asked)
    assert follow(browser, job)["summary"]["status"] == "SUCCEEDED"
    again = browser.post(f"/api/runs/{job}/again", json={}).json()["job"]
    assert again != job
    follow(browser, again)
    assert story_of(browser, again)["report"] == story_of(browser, job)["report"]


def test_the_architecture_has_every_function_and_knows_the_side_effect(browser: httpx2.Client) -> None:
    follow(browser, start(browser, people=2, seed="f"))
    found = browser.get("/api/architecture").json()
    nodes = {node["name"]: node for node in found["nodes"]}
    assert {function.name for function in STACK.functions} < set(nodes)
    assert [name for name, node in nodes.items() if node["sideEffect"]] == ["sideEffect"]
    assert all(nodes[function.name]["invocations"] for function in STACK.functions)
    assert nodes.keys().isdisjoint({STACK.ledger, "LedgerRule"})
    edges = {(edge["from"], edge["type"], edge["to"]): edge for edge in found["edges"]}
    side = edges["rule:sideEffectRule", "getUserCookies", "function:sideEffect"]
    assert side["sideEffect"]
    assert side["count"] >= side["perMinute"] >= 2


def test_a_rule_with_a_queue_is_found_though_nothing_comes_of_it(browser: httpx2.Client, bus: object) -> None:
    assert bus
    follow(browser, start(browser, people=1, seed="g"))
    nodes = browser.get("/api/architecture").json()["nodes"]
    assert any(node["kind"] == "queue" and node["name"].startswith("listen-") for node in nodes)


def test_a_failed_run_says_which_states_failed_and_why(browser: httpx2.Client) -> None:
    sent = {"detailType": "start", "detail": {"people": -1}}
    job = browser.post("/api/events", json=sent).json()["id"]
    wait_for("the run", lambda: browser.get(f"/api/runs/{job}").status_code == 200)
    story = follow(browser, job)
    classes = {state["name"]: state["class"] for state in story["states"]}
    assert (classes["GetMultiple"], classes["Failed"]) == ("failed", "failed")
    assert story["summary"]["failures"] >= 1
    assert "PeopleError" in story["failures"][0]["sentence"]


def test_what_an_event_says_never_comes_back_as_html(browser: httpx2.Client) -> None:
    job = start(browser, people=1, seed=SCRIPT)
    follow(browser, job)
    sent = {"detailType": SCRIPT, "detail": {"job": job, "name": SCRIPT, "stateMachine": SCRIPT}}
    event_id = browser.post("/api/events", json=sent).json()["id"]
    wait_for("the event", lambda: event_id in browser.get(f"/api/runs/{job}").text)
    for path in (f"/api/runs/{job}", "/api/runs", "/api/architecture"):
        answer = browser.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert SCRIPT not in str([answer.json().get(key) for key in ("diagram", "workflow", "wholeWorkflow")])
    for path in ("/", f"/runs/{job}", "/architecture", "/runs/%3Cscript%3Ealert(1)"):
        assert "<script>alert" not in browser.get(path).text


@pytest.mark.parametrize("name", ["%2e%2e", "..%2f..%2fother", "%2e%2e%2f0-cookies.json", "a%00b", "nothing"])
def test_no_name_of_an_object_leads_out_of_its_run(browser: httpx2.Client, name: str) -> None:
    job = start(browser, people=0)
    assert browser.get(f"/api/runs/{job}/objects/{name}").status_code == 404


def test_another_site_can_neither_read_nor_do_anything(browser: httpx2.Client) -> None:
    assert browser.get("/api/runs", headers={"host": "evil.example"}).status_code == 400
    before = len(browser.get("/api/runs").json()["runs"])
    for path in ("/api/runs", "/api/runs/latest/again", "/api/events"):
        assert browser.post(path, json={}, headers={"origin": "http://evil.example"}).status_code == 403
        assert browser.post(path, content="{}", headers={"content-type": "text/plain"}).status_code == 415
    assert len(browser.get("/api/runs").json()["runs"]) == before


def test_a_viewer_that_is_started_anew_knows_all_that_happened(sandbox: Clients, runs: Runs, tmp_path: Path) -> None:
    run = runs.run(people=2, seed="h")
    viewer = Viewer(tmp_path, free_port())
    viewer.start(str(sandbox.settings.endpoint_url))
    try:
        viewer.wait_until_ready()
        story = httpx2.get(f"http://127.0.0.1:{viewer.port}/api/runs/{run.job}", timeout=STREAM_SECONDS).json()
        assert story["report"] == run.report
        assert "getUserProfile" in story["events"]["type"]
        process = viewer.process()
        assert process
        listening = {found.laddr.ip for found in process.net_connections() if found.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}
    finally:
        viewer.stop()


def test_a_viewer_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "mars")
    viewer = Viewer(tmp_path, free_port())
    viewer.start("http://127.0.0.1:4566")
    with pytest.raises(ServerError, match="AWS_REGION is 'mars'"):
        viewer.wait_until_ready()
    assert viewer.process() is None


def test_without_a_sandbox_the_page_is_there_and_the_data_says_what_to_do(tmp_path: Path) -> None:
    port = free_port()
    viewer = Viewer(tmp_path, free_port())
    viewer.start(f"http://127.0.0.1:{port}")
    try:
        viewer.wait_until_ready()
        answer = httpx2.get(f"http://127.0.0.1:{viewer.port}/api/runs", timeout=STREAM_SECONDS)
        assert answer.status_code == 503
        assert f"nothing listens at http://127.0.0.1:{port}" in answer.json()["error"]
        with httpx2.stream("GET", f"http://127.0.0.1:{viewer.port}/api/live", timeout=STREAM_SECONDS) as stream:
            assert next(iter(httpx2.EventSource(stream))).event == "trouble"
    finally:
        viewer.stop()


def test_up_shows_the_stack_that_is_set_now_as_it_is_found_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("from bootstrap.stack import STACK\n")
    monkeypatch.chdir(tmp_path)
    port, viewer = free_port(), Viewer(tmp_path, free_port())

    def start(stack: str) -> tuple[int, str]:
        """The number of the process, and what is said of the runs."""
        monkeypatch.setenv("STACK", stack)
        viewer.start(f"http://127.0.0.1:{port}")
        viewer.wait_until_ready()
        answer = httpx2.get(f"http://127.0.0.1:{viewer.port}/api/runs", timeout=STREAM_SECONDS)
        assert answer.status_code == 503
        process = viewer.process()
        assert process
        return process.pid, answer.json()["error"]

    try:
        first, said = start("mine")
        assert "nothing listens at" in said
        assert start("mine")[0] == first
        second, said = start("gone")
        assert second != first
        assert "STACK is 'gone': there is no module gone here" in said
        with httpx2.stream("GET", f"http://127.0.0.1:{viewer.port}/api/live", timeout=STREAM_SECONDS) as stream:
            assert "STACK is 'gone'" in next(iter(httpx2.EventSource(stream))).data
    finally:
        viewer.stop()
