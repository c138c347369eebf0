"""A run of 10,000 events in a browser: real ones of a small run, multiplied."""

import copy
import json
from typing import Any

from playwright.sync_api import Page, Route, expect

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


def test_ten_thousand_events_are_shown_in_parts_and_found_at_once(page: Page, url: str, run: Run) -> None:
    story = page.request.get(f"{url}api/runs/{run.job}").json()
    body = json.dumps(multiply(story, run.report["names"][0]))

    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="application/json")

    page.route(f"**/api/runs/{run.job}", answer)
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
