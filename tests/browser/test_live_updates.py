"""What is left as it is while a run goes on: the focus, what somebody opened or types; and logs, to their ends."""

import copy
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from observatory.web.recorded import PAGE_EVENTS
from testkit.waiting import wait_for
from tests.browser.test_run_page import open_view
from tests.e2e.runs import Run

type Story = dict[str, Any]

LINE = {"at": 5, "function": "work", "level": "INFO", "message": "the last line", "fields": {}, "ofLambda": False}


@pytest.mark.parametrize(
    ("ran", "how"),
    [("true", "that ends while it is read"), ("false", "that had ended before its log was there")],
)
def test_the_log_is_read_to_its_end_of_a_step(page: Page, url: str, ran: str, how: str) -> None:
    answers = [[LINE], []]
    page.route("**/log?*", lambda route: route.fulfill(json={"lines": answers.pop() if answers else [LINE]}))
    page.goto(f"{url}nope")
    page.evaluate(f"""async () => {{
      const {{ Log }} = await import("/static/run/log.js");
      const log = new Log("a run", {{ state: 1 }});
      document.body.append(log.place);
      log.read({ran});
      log.read(false);
    }}""")
    expect(page.locator(".log"), f"of a step {how}").to_contain_text("the last line")


@pytest.fixture
def told(page: Page, url: str, run: Run) -> list[Story]:
    """What a page was told of a run that goes on; each time there is one event and one object more."""
    story: Story = page.request.get(f"{url}api/runs/{run.job}").json()
    told: list[Story] = []

    def tell(route: Route) -> None:
        told.append(grown(story, len(told)))
        route.fulfill(json=told[-1])

    page.route(f"**/api/runs/{run.job}", tell)
    return told


def grown(story: Story, by: int) -> Story:
    """A story that goes on, so much later."""
    larger = copy.deepcopy(story)
    larger["told"] = f"2026-01-01T00:00:00.{by:03}Z"
    larger["execution"] |= {"status": "RUNNING", "endedAt": None}
    for table, key, more in (("events", "id", PAGE_EVENTS + by), ("objects", "name", by)):
        for name, values in larger[table].items():
            values += [f"more {number}" if name == key else values[-1] for number in range(more)]
    emitted = larger["stateRuns"]["eventIds"][0]
    emitted += [f"more {number}" for number in range(by)]
    commands = [{"line": f"logs.py {by}", "what": "its log"}]
    card = {"headline": f"{by} failed", "then": [], "commands": commands, "eventId": emitted[0]}
    larger["failure"] = card | dict.fromkeys(("state", "item", "function", "tries", "place", "logLine", "stored"))
    larger["denied"] = [{"sentence": f"{n} may not", "policy": "a policy", "statement": n} for n in range(by + 1)]
    wait = {"stateId": larger["stateRuns"]["id"][0], "why": f"for the {by}. time", "eventId": emitted[0]}
    return {**larger, "pending": [wait | {"nextTry": None, "heartbeat": None}]}


def update(page: Page, told: list[Story]) -> None:
    """Let a page ask for news, as one that is seen again; it asks twice only after it has shown the first."""
    before = len(told)

    def asked() -> bool:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        return len(told) > before + 1

    assert wait_for("news", asked)


def test_who_asks_for_more_events_is_led_there_and_nobody_else(
    page: Page, url: str, run: Run, told: list[Story]
) -> None:
    def find(route: Route) -> None:
        first = int(route.request.url.rpartition("=")[2])
        ids = told[-1]["events"]["id"]
        found = [{"id": one, "type": "done", "detail": {"id": one}} for one in ids[first : first + PAGE_EVENTS]]
        route.fulfill(json={"events": found, "found": len(ids), "total": len(ids)})

    page.route(re.compile(f"/api/runs/{run.job}/events[?]"), find)
    open_view(page, url, run.job, "Events")
    items = page.locator("#event-list li")
    expect(items).to_have_count(PAGE_EVENTS)
    page.get_by_role("button", name="Show more of").click()
    summary = items.nth(PAGE_EVENTS).locator("summary")
    expect(summary).to_be_focused()
    summary.click()
    update(page, told)
    assert wait_for("all events", lambda: items.count() == len(told[-1]["events"]["id"]))
    expect(items.nth(PAGE_EVENTS).locator("pre")).to_be_visible()
    expect(summary).to_be_focused()
    search = page.get_by_label("Search in the events' JSON")
    search.focus()
    update(page, told)
    assert wait_for("all events", lambda: items.count() == len(told[-1]["events"]["id"]))
    expect(search).to_be_focused()


def test_an_object_that_was_opened_stays_open(page: Page, url: str, run: Run, told: list[Story]) -> None:
    open_view(page, url, run.job, "Results")
    item = page.locator("#object-list li").first
    item.locator("summary").click()
    expect(item.locator("pre")).not_to_have_text("loading …")
    update(page, told)
    expect(page.locator("#object-list")).to_contain_text("more 0")
    expect(item.locator("pre")).to_be_visible()
    expect(item.locator("summary")).to_be_focused()


def test_the_focus_stays_on_what_is_made_anew(page: Page, url: str, run: Run, told: list[Story]) -> None:
    page.goto(f"{url}runs/{run.job}")
    for place, name in (
        ("#steps", "GetMultiple"),
        ("#waiting", "GetMultiple"),
        ("#waiting", "getUsers"),
        ("#failure-card", "Send its event again …"),
        ("#denials", "Copy"),
    ):
        control = page.locator(place).get_by_role("button", name=name, exact=True).first
        control.focus()
        update(page, told)
        expect(control).to_be_focused()


def test_the_commands_of_a_failure_stay_open_when_more_fails(page: Page, url: str, run: Run, told: list[Story]) -> None:
    page.goto(f"{url}runs/{run.job}")
    commands = page.locator("#failure-card details")
    commands.locator("summary").click()
    update(page, told)
    expect(page.locator("#failure-card .headline")).not_to_have_text("0 failed")
    expect(commands.locator("code")).to_be_visible()
    expect(commands.locator("summary")).to_be_focused()


def test_what_was_opened_in_the_panel_stays_open_and_has_the_focus(
    page: Page, url: str, run: Run, told: list[Story]
) -> None:
    page.goto(f"{url}runs/{run.job}")
    page.locator("#steps").get_by_role("button", name="GetMultiple", exact=True).click()
    event = page.locator("#details details.event").filter(has=page.locator(".type", has_text="getUsers"))
    summary = event.locator("summary")
    summary.click()
    expect(event.locator("pre")).to_contain_text('"type": "getUsers"')
    more = page.locator("#details details.event").count()
    update(page, told)
    expect(page.locator("#details details.event").nth(more)).to_be_visible()
    expect(event.locator("pre")).to_be_visible()
    expect(summary).to_be_focused()
    link = page.locator("#details .chain").get_by_role("button", name="getUsers", exact=True)
    link.focus()
    update(page, told)
    expect(link).to_be_focused()


def test_the_keyboard_can_stop_a_run_however_fast_it_goes_on(page: Page, url: str, run: Run) -> None:
    listed = page.request.get(f"{url}api/runs?text={run.job}").json()
    (one,) = listed["runs"]
    done = iter(range(1000))

    def tell(route: Route) -> None:
        progress = {"done": next(done), "total": 1000, "many": "people"}
        route.fulfill(json=listed | {"runs": [one | {"status": "RUNNING", "progress": progress}], "complete": False})

    page.route(re.compile("/api/runs[?]"), tell)
    page.goto(f"{url}?text={run.job}")
    row = page.locator("#runs tbody tr")
    stop = row.get_by_role("button", name="Stop")
    stop.focus()
    shown = row.locator(".far").inner_text()
    expect(row.locator(".far")).not_to_have_text(shown)
    expect(stop).to_be_focused()


def test_what_somebody_types_to_compare_runs_stays_and_so_does_the_focus(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}compare?before={run.job}&after={run.job}")
    link = page.get_by_role("region", name="After").get_by_role("link")
    link.focus()
    page.locator("#before").evaluate("field => { field.value = 'latest'; }")
    for _time in range(2):
        with page.expect_response("**/api/compare?*"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#before")).to_have_value("latest")
    expect(link).to_be_focused()
