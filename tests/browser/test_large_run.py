"""A run of 10,000 events in a browser: real ones of a small run, multiplied."""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testkit.waiting import wait_for
from tests.e2e.runs import Run

PEOPLE = 2500
# Each begins so much later than the one before, and several are at work at the same time.
APART_MS = 20
# A canvas has a height that no browser exceeds.
TALLEST_PIXELS = 3000
LARGEST_STORY_BYTES = 6_000_000
MOST_NODES = 3000
LONGEST_IDLE_SHARE = 0.02
TIMES = ("entered", "emitted", "answered", "exited", "failed", "ended")
TABLES: dict[str, tuple[str, ...]] = {
    "events": ("at",),
    "invocations": ("started", "ended"),
    "stateRuns": TIMES,
    "items": ("started", "ended"),
}


def multiply(story: dict[str, Any], name: str, people: int = PEOPLE) -> dict[str, Any]:
    """Give a story many more people, each with what one of it has."""
    larger = copy.deepcopy(story)
    for table, times in TABLES.items():
        columns = larger[table]
        rows = [number for number, item in enumerate(_items(story, table)) if item == name]
        for person in range(people):
            for key, values in columns.items():
                new = [_another(story[table][key][row], key, person, name, times) for row in rows]
                values.extend(new)
    last = story["events"]["at"][-1] + people * APART_MS
    ended = datetime.fromisoformat(story["execution"]["startedAt"]) + timedelta(milliseconds=last)
    larger["execution"]["endedAt"] = larger["told"] = ended.isoformat()
    return larger


def _items(story: dict[str, Any], table: str) -> list[str | None]:
    """Whom each row is about; of an invocation its cause says so."""
    if table != "invocations":
        items: list[str | None] = story[table]["name" if table == "items" else "item"]
        return items
    by_event = dict(zip(story["events"]["id"], story["events"]["item"], strict=True))
    return [by_event.get(cause) for cause in story[table]["causeEventId"]]


def _another(value: Any, key: str, person: int, name: str, times: tuple[str, ...]) -> Any:
    if key in times:
        return None if value is None else value + person * APART_MS
    if key in {"id", "causationId", "causeEventId", "requestId"}:
        return f"{value} {person}" if isinstance(value, str) else value and value * PEOPLE + person
    if key in {"emitted", "eventIds"}:
        return [f"{one} {person}" for one in value]
    return f"Person {person}" if value == name else value


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing of what it is asked for."""

    def log_message(self, *_arguments: object) -> None:
        """Do not."""


@contextmanager
def served(file: Path) -> Iterator[str]:
    """The URL of a file; megabytes that Playwright itself passed to the browser would cost seconds."""
    handler = partial(Quiet, directory=file.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/{file.name}"
        server.shutdown()


@pytest.fixture
def story(page: Page, url: str, run: Run, tmp_path: Path) -> Iterator[Path]:
    """The story of a small run, multiplied, as the page gets it."""

    def told() -> dict[str, Any]:
        story: dict[str, Any] = page.request.get(f"{url}api/runs/{run.job}").json()
        # As long as side effects go on, a page asks for more.
        return story if story["complete"] else {}

    small = wait_for("the end of the side effects", told)
    file = tmp_path / "story.json"
    file.write_text(json.dumps(multiply(small, run.report["names"][0]), separators=(",", ":")))
    with served(file) as large:
        page.route(f"**/api/runs/{run.job}", lambda route: route.continue_(url=large))
        yield file


def test_a_run_of_ten_thousand_events_is_small_on_the_wire_and_on_the_page_and_rests_when_nothing_happens(
    page: Page, url: str, run: Run, story: Path
) -> None:
    assert story.stat().st_size < LARGEST_STORY_BYTES
    page.goto(f"{url}runs/{run.job}?view=timeline")
    picture = page.locator("#timeline-picture")
    expect(picture.locator("canvas").first).to_be_visible()
    box = picture.bounding_box()
    assert box
    assert box["height"] < TALLEST_PIXELS
    rows = page.locator("#invocations tbody tr")
    expect(rows).to_have_count(200)
    page.get_by_role("button", name="Show 200 more").click()
    expect(rows).to_have_count(400)
    assert page.evaluate("document.querySelectorAll('*').length") < 2 * MOST_NODES
    page.get_by_label("Person", exact=True).fill("Person 1234")
    expect(rows).to_have_count(4)
    page.get_by_role("tab", name="Workflow").click()
    expect(page.locator("#items tbody tr")).to_have_count(200)
    page.reload()
    expect(page.locator("#items tbody tr")).to_have_count(200)
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES
    # It comes to rest, sooner or later, as busy as the machine is.
    assert wait_for("a page at rest", lambda: idle_share(page) < LONGEST_IDLE_SHARE)


def idle_share(page: Page, seconds: float = 3.0) -> float:
    """Which share of a core the page's own thread uses while nothing happens, for some seconds."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> tuple[float, float]:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"], metrics["Timestamp"]

    # The stream says each second that all is well.
    began = busy()
    page.wait_for_timeout(seconds * 1000)
    ended = busy()
    session.detach()
    return (ended[0] - began[0]) / (ended[1] - began[1])
