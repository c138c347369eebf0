"""A run is stopped and redriven from a page, with what Step Functions refuses in one line."""

import pytest
from starlette.testclient import TestClient

from tests.unit.observatory.recordings import Recording


@pytest.mark.parametrize(
    ("asked", "cause"),
    [({"reason": "enough"}, "enough"), ({"reason": ""}, "stopped from the page"), ({}, "stopped from the page")],
)
def test_a_run_is_stopped_with_a_reason(
    browser: TestClient, recording: Recording, asked: dict[str, str], cause: str
) -> None:
    answer = browser.post(f"/api/runs/{recording.job}/stop", json=asked)
    assert (answer.status_code, answer.json()) == (200, {"job": recording.job})
    _operation, said = recording.asked[-1]
    assert said == {"executionArn": recording.execution["executionArn"], "error": "Stopped", "cause": cause}
    assert browser.get(f"/api/runs/{recording.job}").json()["summary"]["status"] == "ABORTED"


@pytest.mark.parametrize("reason", [7, 0, [], "x" * 40_000])
def test_a_reason_is_a_text_that_step_functions_keeps(
    browser: TestClient, recording: Recording, reason: object
) -> None:
    answer = browser.post(f"/api/runs/{recording.job}/stop", json={"reason": reason})
    assert answer.status_code == 400
    assert "give a text of at most" in answer.json()["error"]


def test_a_run_that_failed_is_redriven(browser: TestClient, recording: Recording) -> None:
    recording.execution["status"] = "FAILED"
    assert browser.post(f"/api/runs/{recording.job}/redrive", json={}).status_code == 200
    assert recording.execution["status"] == "RUNNING"


def test_one_that_succeeded_is_not_and_that_is_said(browser: TestClient, recording: Recording) -> None:
    answer = browser.post(f"/api/runs/{recording.job}/redrive", json={})
    assert answer.status_code == 400
    assert "it did not fail" in answer.json()["error"]


@pytest.mark.parametrize("what", ["stop", "redrive"])
def test_no_other_site_and_no_unknown_run_can(browser: TestClient, recording: Recording, what: str) -> None:
    foreign = browser.post(f"/api/runs/{recording.job}/{what}", json={}, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert browser.post(f"/api/runs/nope/{what}", json={}).status_code == 404
    assert not [operation for operation, _asked in recording.asked if operation.endswith("_execution")]


def test_a_dead_letter_is_listed_with_its_run_and_sent_again_once(browser: TestClient, recording: Recording) -> None:
    event = {"id": "e", "detail-type": "getUserCookies", "detail": {"job": recording.job}}
    letter = recording.queues.put("sideEffectDeadLetters", {"requestContext": {}, "requestPayload": event})
    assert browser.get("/api/dead-letters?job=another").json() == {"letters": [], "about": 0}
    (listed,) = browser.get(f"/api/dead-letters?job={recording.job}").json()["letters"]
    assert (listed["id"], listed["function"], listed["eventId"]) == (letter, "sideEffect", "e")
    path = f"/api/dead-letters/{letter}/send"
    assert browser.post(path, json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert [browser.post(path, json={}).status_code for _time in range(2)] == [200, 404]
    assert browser.get("/api/dead-letters").json() == {"letters": [], "about": 0}
