"""A run of 10,000 events in a browser: real ones of a small run, multiplied."""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.runs import Run

PEOPLE = 2500
EVENTS = 4 * PEOPLE
# They all happen at once here; a canvas has a height that no browser exceeds.
TALLEST_PIXELS = 3000


def multiply(story: dict[str, Any], name: str) -> dict[str, Any]:
    """Give a story as many people as a run may have, each with what one of it has."""
    larger = copy.deepcopy(story)
    for number in range(PEOPLE):
        other = json.loads(json.dumps(_part(story, name)).replace(name, f"Person {number}"))
        for event in other["events"]:
            event["id"] += str(number)
        for invocation in other["invocations"]:
            invocation["requestId"] += str(number)
            invocation["causeEventId"] += str(number)
            invocation["emitted"] = [f"{event_id}{number}" for event_id in invocation["emitted"]]
        for state in other["stateRuns"]:
            state["eventIds"] = [f"{event_id}{number}" for event_id in state["eventIds"]]
        for part, items in other.items():
            larger[part] += items
    return larger


def _part(story: dict[str, Any], name: str) -> dict[str, list[Any]]:
    parts = ("events", "invocations", "stateRuns")
    return {part: [one for one in story[part] if one["person"] == name] for part in parts}


@contextmanager
def served(file: Path) -> Iterator[str]:
    """The URL of a file; megabytes that Playwright itself passed to the browser would cost seconds."""
    handler = partial(SimpleHTTPRequestHandler, directory=file.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/{file.name}"
        server.shutdown()


@pytest.fixture
def story(page: Page, url: str, run: Run, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The story of a small run; the page gets it multiplied."""
    small: dict[str, Any] = page.request.get(f"{url}api/runs/{run.job}").json()
    file = tmp_path / "story.json"
    file.write_text(json.dumps(multiply(small, run.report["names"][0])))
    with served(file) as large:
        page.route(f"**/api/runs/{run.job}", lambda route: route.continue_(url=large))
        yield small


def test_ten_thousand_events_are_shown_in_parts_and_found_at_once(
    page: Page, url: str, run: Run, story: dict[str, Any]
) -> None:
    page.goto(f"{url}runs/{run.job}?view=events")
    shown = page.locator("#event-list li")
    expect(page.locator("#found")).to_contain_text(f"of {EVENTS + len(story['events'])} events")
    expect(shown).to_have_count(200)
    page.get_by_role("button", name="Show 200 more").click()
    expect(shown).to_have_count(400)
    page.get_by_label("Search in the events' JSON").fill("Person 2499")
    expect(shown).to_have_count(4)
    page.get_by_role("tab", name="Timeline").click()
    expect(page.locator("#timeline-picture canvas").first).to_be_visible()
    box = page.locator("#timeline-picture").bounding_box()
    assert box
    assert box["height"] < TALLEST_PIXELS
    expect(page.locator("#invocations tbody tr")).to_have_count(200)
    page.get_by_label("Person").fill("Person 1234")
    expect(page.locator("#invocations tbody tr")).to_have_count(4)
