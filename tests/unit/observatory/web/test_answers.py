"""What the application answers to what a page asks, and to what it should not be asked."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from bootstrap.description import StartSpec
from observatory.records.reports import report_key
from observatory.records.states import States
from observatory.story.explanation import explain
from observatory.web import recorded
from observatory.web.answers import to_json
from observatory.web.app import application
from observatory.web.story_json import story_to_json_object
from tests.unit.observatory.fakes import client_error, connection_error
from tests.unit.observatory.recordings import STACK, Recording

SCRIPT = "<script>alert(1)</script>"
NO_OBJECTS: list[Any] = [[], [1], 0, 7, False, ""]


def error_of(browser: TestClient, path: str, status: int) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    error: str = answer.json()["error"]
    assert "\n" not in error
    return error


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The rows of a table that came as columns."""
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def refusal(browser: TestClient, path: str, body: Any, **headers: str) -> tuple[int, str]:
    answer = browser.post(path, json=body, headers=headers)
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("path", ["/", "/architecture", "/runs/any"])
def test_a_page_is_html_that_runs_no_script_but_its_own(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_in_the_address_of_a_page_is_escaped(browser: TestClient) -> None:
    assert SCRIPT not in browser.get(f"/runs/{SCRIPT.replace('/', '%2f')}").text
    assert "<script>a" not in browser.get("/runs/<script>a").text


def test_the_runs_are_listed(browser: TestClient, recording: Recording) -> None:
    (run,) = browser.get("/api/runs").json()["runs"]
    assert (run["job"], run["status"], run["columns"]["totalCookiesConsumed"]) == (recording.job, "SUCCEEDED", 11)


def test_a_story_has_every_part_and_no_log_lines(browser: TestClient, recording: Recording) -> None:
    story = browser.get(f"/api/runs/{recording.job}").json()
    parts = ("events", "invocations", "stateRuns", "objects")
    assert [len(rows(story[part])) for part in parts] == [17, 11, 7, 7]
    assert len(story["consumers"]) == 8
    assert story["complete"] is True
    assert story["summary"]["columns"]["totalCookiesConsumed"] == 11
    assert story["workflow"].startswith("flowchart")
    assert story["report"] is None
    assert "lines" not in story["invocations"]


def test_an_invocation_is_joined_with_its_cause_and_with_what_it_emitted(
    browser: TestClient, recording: Recording
) -> None:
    story = browser.get(f"/api/runs/{recording.job}").json()
    events = {event["id"]: event for event in rows(story["events"])}
    invocations = rows(story["invocations"])
    assert [one["function"] for one in invocations if one["isSideEffect"]] == ["sideEffect"] * 3
    for one in invocations:
        cause, (emitted,) = events[one["causeEventId"]], (events[id_] for id_ in one["emitted"])
        assert emitted["causationId"] == cause["id"]
        assert emitted["from"] == one["function"]
        assert cause["at"] <= one["started"] <= one["ended"]


@pytest.mark.parametrize("job", ["latest", "40cb5f95"])
def test_a_run_is_found_by_less_than_its_id(browser: TestClient, recording: Recording, job: str) -> None:
    assert browser.get(f"/api/runs/{job}").json()["job"] == recording.job


def test_a_beginning_that_several_runs_have_is_refused_with_their_names(
    browser: TestClient, recording: Recording
) -> None:
    for name in ("order-10", "order-1", "order-2"):
        recording.add_execution(name)
    assert browser.get("/api/runs/order-1").json()["execution"]["arn"].endswith(":order-1")
    for path in ("", "/progress", "/start", "/events"):
        assert "give one of EventdrivenMachine:order-" in error_of(browser, f"/api/runs/order{path}", 400)
    assert "may be any of 3 runs" in refusal(browser, "/api/runs/order/stop", {})[1]


def test_each_run_of_two_machines_that_one_event_starts_is_opened_acted_on_and_compared(
    browser: TestClient, recording: Recording
) -> None:
    other = replace(STACK.machines[0], name="Other", starts=(StartSpec("start", "OtherRule"),))
    recording.stack = replace(STACK, machines=(*STACK.machines, other))
    recording.add_execution(recording.job, "Other", status="RUNNING", stopDate=None)
    jobs = [run["job"] for run in browser.get("/api/runs").json()["runs"]]
    assert sorted(jobs) == [f"EventdrivenMachine:{recording.job}", f"Other:{recording.job}"]
    for job in jobs:
        told = browser.get(f"/api/runs/{job}").json()
        assert (told["job"], told["execution"]["machine"]) == (job, job.partition(":")[0])
        assert browser.get(f"/api/runs/{job}/events").json()["found"]
    compared = browser.get(f"/api/compare?before={jobs[0]}&after={jobs[1]}").json()
    assert [compared[side]["job"] for side in ("before", "after")] == jobs
    browser.post(f"/api/runs/Other:{recording.job}/stop", json={})
    stopped = [asked["executionArn"] for operation, asked in recording.asked if operation == "stop_execution"]
    assert [arn.partition(":execution:")[2] for arn in stopped] == [f"Other:{recording.job}"]
    assert browser.post("/api/runs", json={}).json() == {"job": "EventdrivenMachine:event-1"}


def test_the_report_comes_with_the_story(browser: TestClient, recording: Recording) -> None:
    key = report_key(recording.execution["executionArn"], "0-cookies.json")
    recording.contents[key] = b'{"totalCookiesConsumed": 11}'
    assert browser.get(f"/api/runs/{recording.job}").json()["report"] == {"totalCookiesConsumed": 11}


def test_an_object_is_its_own_json(browser: TestClient, recording: Recording) -> None:
    recording.store("a b.json", json.dumps({"a": SCRIPT}).encode())
    answer = browser.get(f"/api/runs/{recording.job}/objects/a b.json")
    assert answer.json() == {"a": SCRIPT}
    assert answer.headers["content-type"] == "application/json"


def test_an_object_may_have_slashes_in_its_name(browser: TestClient, recording: Recording) -> None:
    recording.store("parcels/1.json", b"[1]")
    for name in ("parcels%2F1.json", "parcels/1.json"):
        assert browser.get(f"/api/runs/{recording.job}/objects/{name}").json() == [1]


@pytest.mark.parametrize("name", ["nothing", "%2e%2e", "..%2fother", "..%5cother", "a/b", "%00"])
def test_there_is_no_object_outside_the_run(browser: TestClient, recording: Recording, name: str) -> None:
    recording.contents["other"] = b"{}"
    error_of(browser, f"/api/runs/{recording.job}/objects/{name}", 404)


def test_an_object_that_is_not_json_is_not_sent(browser: TestClient, recording: Recording) -> None:
    recording.store("page.html", b"<script>")
    assert "is not JSON" in error_of(browser, f"/api/runs/{recording.job}/objects/page.html", 404)


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_what_is_no_number_in_json_is_a_text_wherever_it_stands(
    browser: TestClient, recording: Recording, number: bytes
) -> None:
    said = b'{"mean": %s}' % number
    recording.execution["output"] = said.decode()
    recording.store("0-cookies.json", said)
    entered = next(event for event in recording.history if "stateEnteredEventDetails" in event)
    entered["stateEnteredEventDetails"]["input"] = said.decode()
    mean = {"mean": number.decode()}
    told = browser.get(f"/api/runs/{recording.job}").json()
    assert told["report"] == mean
    assert browser.get(f"/api/runs/{recording.job}/objects/0-cookies.json").json() == mean
    state = browser.get(f"/api/runs/{recording.job}/states/{told['stateRuns']['id'][0]}").json()
    assert state["input"] == mean


def test_what_no_browser_could_read_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(float("nan"))


def test_the_log_of_an_invocation_has_all_that_it_wrote(browser: TestClient, recording: Recording) -> None:
    request_id = browser.get(f"/api/runs/{recording.job}").json()["invocations"]["requestId"][0]
    lines = browser.get(f"/api/runs/{recording.job}/log?request={request_id}").json()["lines"]
    assert lines[0]["message"].startswith("START RequestId: ")
    assert (lines[1]["message"], lines[1]["function"], lines[1]["ofLambda"]) == (
        "handling getUsers",
        "getMultiple",
        False,
    )
    assert lines[-1]["message"].startswith("REPORT RequestId: ")
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_the_log_of_a_state_is_that_of_all_that_were_invoked_for_it(browser: TestClient, recording: Recording) -> None:
    story = browser.get(f"/api/runs/{recording.job}").json()
    state = next(one for one in rows(story["stateRuns"]) if one["item"])
    for asked in (f"state={state['id']}", f"map={state['parent']}&item={state['iteration']}&attempt=1"):
        lines = browser.get(f"/api/runs/{recording.job}/log?{asked}").json()["lines"]
        assert {line["function"] for line in lines} == {"processSingle", "postProcessSingle", "sideEffect"}
        assert sum(line["message"].startswith("START ") for line in lines) == 3
    assert browser.get(f"/api/runs/{recording.job}/log?{asked.replace('attempt=1', 'attempt=2')}").json()["lines"] == []


def test_a_state_says_what_it_was_given_and_what_came_of_it(browser: TestClient, recording: Recording) -> None:
    state = browser.get(f"/api/runs/{recording.job}").json()["stateRuns"]["id"][0]
    said = browser.get(f"/api/runs/{recording.job}/states/{state}").json()
    assert said["input"]["detail-type"] == "start"
    assert "names" in said["output"]
    for unknown in ("7000", "x"):
        error_of(browser, f"/api/runs/{recording.job}/states/{unknown}", 404 if unknown != "x" else 400)


def test_the_definition_of_a_run_is_what_it_was_started_with(browser: TestClient, recording: Recording) -> None:
    assert browser.get(f"/api/runs/{recording.job}/definition").json()["StartAt"] == "GetMultiple"


def test_a_traceback_is_several_lines_with_spaces_that_break(browser: TestClient, recording: Recording) -> None:
    recording.add_log("sideEffect", "START RequestId: r1 Version: 1", "[ERROR] ValueError: no\nTraceback:\n\xa0 a.py")
    lines = browser.get(f"/api/runs/{recording.job}/log?request=r1").json()["lines"]
    assert lines[1]["message"] == "[ERROR] ValueError: no\nTraceback:\n  a.py"


@pytest.mark.parametrize(
    "path", ["", "/progress", "/start", "/events", "/events/a", "/objects/a", "/log?state=1", "/states/1"]
)
def test_an_unknown_run_is_not_found(browser: TestClient, path: str) -> None:
    assert "no run 'nope'" in error_of(browser, f"/api/runs/nope{path}", 404)


def test_an_unknown_invocation_and_an_unknown_address_are_not_found(browser: TestClient, recording: Recording) -> None:
    assert "no invocation 'nope'" in error_of(browser, f"/api/runs/{recording.job}/log?request=nope", 404)
    assert error_of(browser, "/api/nope", 404)


@pytest.mark.parametrize("path", ["/api/runs", "/api/runs/latest", "/api/architecture"])
def test_where_nothing_answers_that_is_said_and_then_it_goes_on(
    browser: TestClient, recording: Recording, path: str
) -> None:
    recording.trouble = connection_error()
    assert "nothing listens at http://127.0.0.1:4566" in error_of(browser, path, 503)
    recording.trouble = None
    assert browser.get(path).status_code == 200


def test_an_account_without_the_system_says_what_to_do(browser: TestClient, recording: Recording) -> None:
    recording.trouble = client_error("StateMachineDoesNotExist")
    assert "python -m bootstrap up" in error_of(browser, "/api/runs", 503)


def test_a_run_is_started_with_what_was_asked_for(browser: TestClient, recording: Recording) -> None:
    answer = browser.post("/api/runs", json={"people": 5, "seed": "a"})
    assert (answer.status_code, answer.json()) == (201, {"job": "event-1"})
    (entry,) = recording.put
    assert (entry["Source"], entry["DetailType"]) == ("project", "start")
    assert json.loads(entry["Detail"]) == {"people": 5, "seed": "a"}


@pytest.mark.parametrize("asked", [{}, {"people": None, "seed": None}])
def test_what_was_not_asked_for_is_left_out(browser: TestClient, recording: Recording, asked: dict[str, Any]) -> None:
    assert browser.post("/api/runs", json=asked).status_code == 201
    assert recording.put[0]["Detail"] == "{}"


def test_a_run_is_started_with_any_detail(browser: TestClient, recording: Recording) -> None:
    asked = {"machine": "EventdrivenMachine", "event": "start", "detail": {"any": ["thing"]}, "people": 2}
    assert browser.post("/api/runs", json=asked).status_code == 201
    assert json.loads(recording.put[0]["Detail"]) == {"any": ["thing"], "people": 2}


@pytest.mark.parametrize("asked", [{"machine": "Nope"}, {"event": "nope"}])
def test_what_the_stack_does_not_have_is_refused(browser: TestClient, asked: dict[str, Any]) -> None:
    assert refusal(browser, "/api/runs", asked)[0] == 400


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, value) for key in ("machine", "event") for value in (*NO_OBJECTS, {})),
        *(("detail", value) for value in NO_OBJECTS),
    ],
)
def test_what_is_of_another_kind_than_it_should_be_is_refused(
    browser: TestClient, recording: Recording, key: str, value: Any
) -> None:
    status, error = refusal(browser, "/api/runs", {key: value})
    assert (status, recording.put) == (400, [])
    assert ": give " in error


def test_those_runs_are_listed_that_the_address_asks_for(browser: TestClient, recording: Recording) -> None:
    found = browser.get("/api/runs?status=SUCCEEDED&text=%22seed%22&item=carlos&since=2026-11-24&sort=slowest").json()
    assert ([run["job"] for run in found["runs"]], found["found"], found["pages"]) == ([recording.job], 1, 1)
    assert browser.get("/api/runs?status=FAILED").json()["runs"] == []


@pytest.mark.parametrize("asked", ["status=GONE", "since=soon", "page=0", "nothing=1"])
def test_what_no_run_has_is_refused_in_a_line(browser: TestClient, asked: str) -> None:
    assert ": give " in error_of(browser, f"/api/runs?{asked}", 400)


def test_an_item_that_failed_for_good_says_so_as_often_as_is_counted(browser: TestClient, recording: Recording) -> None:
    answered = next(one for one in recording.history if '"numberOfCookiesConsumed"' in str(one))
    answered["type"], answered["taskFailedEventDetails"] = "TaskFailed", {"error": "An.Error", "cause": "of some kind"}
    story = browser.get(f"/api/runs/{recording.job}").json()
    assert sorted(story["items"]["status"]) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    assert story["summary"]["failures"] == 1


def test_the_states_of_a_story_say_where_they_are(browser: TestClient, recording: Recording) -> None:
    story = browser.get(f"/api/runs/{recording.job}").json()
    states = rows(story["stateRuns"])
    map_ = next(state for state in states if state["type"] == "Map")
    inside = [state for state in states if state["parent"] == map_["id"]]
    assert sorted(state["iteration"] for state in inside) == [0, 1, 2]
    assert {state["item"] for state in inside} == set(story["items"]["name"])
    assert sum(story["items"]["result"]) == 11
    assert story["words"]["items"]["ProcessMultiple"]["many"] == "people"


def test_what_was_aborted_ended_with_its_map_and_what_goes_on_has_no_end() -> None:
    story = Recording("waiting").tell()
    (map_,) = story.states.maps("ProcessMultiple")
    failed = story.execution.started + timedelta(seconds=7)
    states = [replace(map_, status="FAILED", failed=failed)]
    states += [replace(one, status="ABORTED") for one in story.states.inside[map_.id]]
    items = tuple(replace(item, status="ABORTED") for item in story.states.items)
    told = story_to_json_object(replace(story, states=States(tuple(states), items)))
    goes_on = story_to_json_object(story)
    assert set(told["items"]["ended"]) == set(told["stateRuns"]["ended"]) == {7000}
    assert set(goes_on["items"]["ended"]) == {None}
    assert None in goes_on["stateRuns"]["ended"]


@pytest.mark.parametrize("people", [-1, 2501, 1.5, True, "many", [], {}, "²"])
def test_a_number_of_people_that_no_run_can_have_is_refused(
    browser: TestClient, recording: Recording, people: Any
) -> None:
    status, error = refusal(browser, "/api/runs", {"people": people})
    assert (status, recording.put) == (400, [])
    assert "is not a whole number from 0 to 2500" in error


@pytest.mark.parametrize("asked", [{"seed": []}, {"seed": 1.5}, {"seed": True}, {"peple": 5}])
def test_a_start_that_no_run_understands_is_refused(browser: TestClient, asked: dict[str, Any]) -> None:
    assert refusal(browser, "/api/runs", asked)[0] == 400


def test_a_run_is_started_again_with_its_people_and_its_seed(browser: TestClient, recording: Recording) -> None:
    assert browser.post(f"/api/runs/{recording.job}/again", json={}).json() == {"job": "event-1"}
    assert json.loads(recording.put[0]["Detail"]) == {"people": 3, "seed": "x"}


def test_a_run_without_a_seed_is_started_again_with_what_stood_in_for_it(
    browser: TestClient, recording: Recording
) -> None:
    recording.execution["input"] = json.dumps(
        {"id": recording.job, "detail-type": "start", "detail": {"discount": None, "seed": None}}
    )
    browser.post(f"/api/runs/{recording.job}/again", json={})
    assert json.loads(recording.put[0]["Detail"]) == {"seed": recording.execution["executionArn"], "discount": None}


@pytest.mark.parametrize("path", ["start", "again"])
def test_a_run_that_no_event_started_is_not_started_by_one(
    browser: TestClient, recording: Recording, path: str
) -> None:
    recording.execution["input"] = '{"orderId": 1}'
    address = f"/api/runs/{recording.job}/{path}"
    answer = browser.get(address) if path == "start" else browser.post(address, json={})
    assert "was not started by an event" in answer.json()["error"]
    assert (answer.status_code, recording.put) == (404, [])


def test_an_event_is_sent_again_and_says_so(browser: TestClient, recording: Recording) -> None:
    sent = {"detailType": "done", "detail": {"name": "Ann", "meta": {"fn": "f"}}, "replayOf": "e1"}
    assert browser.post("/api/events", json=sent).json() == {"id": "event-1", "starts": False}
    assert recording.put[0]["DetailType"] == "done"
    assert json.loads(recording.put[0]["Detail"]) == {"name": "Ann", "meta": {"fn": "f", "replayOf": "e1"}}


def test_an_event_of_ones_own_is_sent_as_it_is(browser: TestClient, recording: Recording) -> None:
    assert browser.post("/api/events", json={"detailType": "mine", "detail": {"a": SCRIPT}}).status_code == 201
    assert json.loads(recording.put[0]["Detail"]) == {"a": SCRIPT}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"detailType": "done"},
        {"detailType": "done", "detail": []},
        {"detailType": " ", "detail": {}},
        {"detailType": "x" * 129, "detail": {}},
        {"detailType": 7, "detail": {}},
        {"detailType": "done", "detail": {}, "replayOf": 7},
    ],
)
def test_what_is_no_event_is_refused(browser: TestClient, recording: Recording, sent: dict[str, Any]) -> None:
    assert refusal(browser, "/api/events", sent)[0] == 400
    assert recording.put == []


@pytest.mark.parametrize("path", ["/api/runs", "/api/runs/latest/again", "/api/events"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost:8080", "http://localhost:8081"])
def test_a_page_of_another_site_can_do_nothing(
    browser: TestClient, recording: Recording, path: str, origin: str
) -> None:
    status, error = refusal(browser, path, {"detailType": "done", "detail": {}}, origin=origin)
    assert (status, recording.put) == (403, [])
    assert origin in error


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_can_send_without_asking_is_refused(
    browser: TestClient, recording: Recording, content_type: str
) -> None:
    assert refusal(browser, "/api/runs", {}, **{"content-type": content_type})[0] == 415
    assert recording.put == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "10.0.0.1:8080", "localhost.evil.example"])
@pytest.mark.parametrize("path", ["/", "/api/runs", "/api/live", "/static/style.css"])
def test_a_name_of_another_site_leads_nowhere(browser: TestClient, host: str, path: str) -> None:
    assert browser.get(path, headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:9999"])
def test_this_machine_has_two_names_and_any_port(browser: TestClient, host: str) -> None:
    assert browser.get("/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("body", ["", "[]", "7", "nope", "[" * 100_000, '{"detail": {"a": NaN}}'])
def test_what_is_no_json_object_is_refused_or_empty(browser: TestClient, body: str) -> None:
    answer = browser.post("/api/runs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (400 if body else 201)


def test_a_body_that_no_event_could_hold_is_refused(browser: TestClient) -> None:
    assert refusal(browser, "/api/events", {"detailType": "a", "detail": {"a": "x" * 7_400_000}})[0] == 413


def test_what_an_event_says_comes_back_as_json_only(browser: TestClient, recording: Recording) -> None:
    assert recording.ledger
    detail = {"job": recording.job, "name": SCRIPT, "half": "\ud800", "none": float("nan")}
    body = {"id": "odd", "detail-type": SCRIPT, "source": "project", "detail": detail}
    recording.ledger.append({**recording.ledger[-1], "message": json.dumps(body)})
    answer = browser.get(f"/api/runs/{recording.job}")
    assert answer.headers["content-type"] == "application/json"
    (odd,) = (event for event in rows(answer.json()["events"]) if event["id"] == "odd")
    assert odd["item"] == SCRIPT
    assert browser.get(f"/api/runs/{recording.job}/events/odd").json()["detail"]["name"] == SCRIPT
    assert SCRIPT not in answer.json()["diagram"]
    assert "NaN" not in answer.text.replace('"NaN"', "")


def test_a_large_answer_is_compressed(browser: TestClient, recording: Recording) -> None:
    answer = browser.get(f"/api/runs/{recording.job}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content) / 4


def test_what_started_a_run_is_offered_to_be_edited(browser: TestClient, recording: Recording) -> None:
    recording.execution["input"] = json.dumps({"id": recording.job, "detail-type": "start", "detail": {"people": 3}})
    assert browser.get(f"/api/runs/{recording.job}/start").json() == {
        "machine": "EventdrivenMachine",
        "event": "start",
        "detail": {"seed": recording.execution["executionArn"], "people": 3},
    }


def test_a_run_is_exported_as_explain_prints_it(browser: TestClient, recording: Recording) -> None:
    answer = browser.get(f"/api/runs/{recording.job}/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="run-{recording.job}.json"'
    assert answer.json()["events"] == explain(recording.tell())["events"]


def test_how_far_a_run_is_can_be_asked_for_alone(browser: TestClient, recording: Recording) -> None:
    answer = browser.get(f"/api/runs/{recording.job}/progress").json()
    assert answer["summary"]["status"] == "SUCCEEDED"
    assert {state["class"] for state in answer["states"]} == {"succeeded", "idle"}
    assert "StoreFailure" in answer["wholeWorkflow"]
    assert "StoreFailure" not in answer["workflow"]


def test_an_address_that_leads_nowhere_gets_a_page_that_says_so(browser: TestClient) -> None:
    answer = browser.get("/nope/<b>")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page /nope/&lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    ("query", "found"), [("", 17), ("?type=done", 5), ("?text=STATENAME", 16), ("?type=done&text=nothing", 0)]
)
def test_events_are_found_by_their_type_and_by_anything_in_their_json(
    browser: TestClient, recording: Recording, query: str, found: int
) -> None:
    answer = browser.get(f"/api/runs/{recording.job}/events{query}").json()
    assert (answer["found"], answer["total"], len(answer["events"])) == (found, 17, found)


def test_events_come_in_pages(browser: TestClient, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "PAGE_EVENTS", 10)
    pages = [browser.get(f"/api/runs/{recording.job}/events?first={first}").json()["events"] for first in (0, 10, 20)]
    assert [len(page) for page in pages] == [10, 7, 0]
    assert len({event["id"] for page in pages for event in page}) == 17
    assert "no whole number" in error_of(browser, f"/api/runs/{recording.job}/events?first=x", 400)


def test_each_try_of_an_invocation_has_a_log_of_its_own(browser: TestClient, recording: Recording) -> None:
    for number in (1, 2):
        recording.add_log(
            "sideEffect",
            "START RequestId: r1",
            f"try {number}",
            "REPORT RequestId: r1",
            stream=f"{number}",
            later=number,
        )
    invocations = rows(browser.get(f"/api/runs/{recording.job}").json()["invocations"])
    tries = [one for one in invocations if one["requestId"] == "r1"]
    assert len(tries) == 2
    log = browser.get(f"/api/runs/{recording.job}/log?request=r1&began={tries[1]['started']}").json()
    assert [line["message"] for line in log["lines"] if line["message"].startswith("try")] == ["try 2"]


def test_a_story_is_small_however_much_its_events_say(browser: TestClient, recording: Recording) -> None:
    assert recording.ledger
    before = len(browser.get(f"/api/runs/{recording.job}").content)
    detail = {"job": recording.job, "more": "x" * 100_000}
    body = {"id": "large", "detail-type": "large", "source": "project", "detail": detail}
    recording.ledger.append({**recording.ledger[-1], "message": json.dumps(body)})
    assert len(browser.get(f"/api/runs/{recording.job}").content) < before + 500


def test_what_a_run_waits_for_is_told_with_its_state_its_reason_and_its_last_event() -> None:
    waiting = Recording("waiting")
    with TestClient(application(waiting.clients), base_url="http://localhost:8080") as browser:
        story = browser.get(f"/api/runs/{waiting.job}").json()
    states = {state["id"]: state for state in rows(story["stateRuns"])}
    types = dict(zip(story["events"]["id"], story["events"]["type"], strict=True))
    assert len(story["pending"]) == 3
    for one in story["pending"]:
        assert states[one["stateId"]]["name"] == "ProcessSingle"
        assert states[one["stateId"]]["deadline"] > states[one["stateId"]]["entered"]
        assert "NoSuchBucket" in one["why"]
        assert types[one["eventId"]] == "getUserCookies"
