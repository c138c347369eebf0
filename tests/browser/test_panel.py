"""The panel beside the views: whatever is clicked, with its input, output, tries, log, events and its definition."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bootstrap.clients import Clients
from testkit.breaking import break_function
from testkit.waiting import wait_for
from tests.browser.conftest import WAITS
from tests.browser.test_accessibility import AXE, VIOLATIONS, overflowing
from tests.browser.test_run_page import open_view
from tests.e2e.breaking import HANDLER, mend
from tests.e2e.runs import Run, Runs

HEARTBEAT_SECONDS = 150
EDGE = "getUserCookies × 4 from processSingle to sideEffect"
TABS_TO_ANY_SHAPE = 30
HAND_BACK = (23, 129, 140)


def test_a_state_of_the_picture_opens_its_entries_and_each_of_them_all_that_is_known(
    page: Page, url: str, run: Run
) -> None:
    page.goto(f"{url}runs/{run.job}")
    page.locator("#workflow-picture .node").filter(has_text="ProcessSingle").click()
    panel = page.get_by_role("complementary", name="ProcessSingle")
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"Entered\s*4\s*Succeeded\s*4"))
    expect(panel.locator(".definition mark")).to_contain_text('"ProcessSingle": {')
    expect(panel.locator(".definition mark")).not_to_contain_text('"PostProcessAll"')
    name = run.report["names"][0]
    panel.get_by_role("button", name=f"ProcessSingle for {name}").click()
    panel = page.get_by_role("complementary", name=f"ProcessSingle for {name}")
    expect(panel.locator(".facts")).to_contain_text("SUCCEEDED")
    for title, text in (("Input", f'"name": "{name}"'), ("Output", "done")):
        value = panel.locator("details").filter(has=page.get_by_text(title, exact=True))
        value.locator("summary").click()
        expect(value.locator("pre")).to_contain_text(text)
    log = panel.locator(".log")
    expect(log).to_contain_text(re.compile(r"\+\d\.\d{3} s processSingle handling getUserProfile"))
    expect(log).to_contain_text("postProcessSingle handling getUserCookies")
    expect(panel.locator(".chain")).to_contain_text("postProcessSingle")


def test_nodes_and_edges_are_reached_and_opened_by_the_keyboard(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    panel = page.locator("#details")
    for picture, name, key, title in (
        (page.get_by_role("group", name="The states of"), "ProcessSingle 4 done", "Enter", "ProcessSingle"),
        (page.get_by_role("group", name="Who sent"), "getMultiple", "Space", "getMultiple"),
        (page.get_by_role("group", name="Who sent"), EDGE, "Enter", EDGE.replace(" × 4", "")),
    ):
        expect(picture.locator("svg")).to_be_visible()
        shape = picture.get_by_role("button", name=name, exact=True)
        picture.focus()
        for _time in range(TABS_TO_ANY_SHAPE):
            page.keyboard.press("Tab")
            if shape.evaluate("one => one === document.activeElement"):
                break
        expect(shape).to_be_focused()
        page.keyboard.press(key)
        expect(panel.locator("h2")).to_have_text(title)
        expect(panel.locator("h2")).to_be_focused()
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(shape).to_be_focused()


def test_what_is_shown_can_be_copied(page: Page, url: str, run: Run) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{url}runs/{run.job}")
    page.get_by_role("button", name="Definition").click()
    panel = page.get_by_role("complementary", name="Definition")
    expect(panel.locator(".definition")).to_contain_text('"StartAt": "GetMultiple"')
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["StartAt"] == "GetMultiple"


def test_an_edge_opens_its_events_and_an_event_who_sent_it_and_what_came_of_it(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    flow = page.locator("#flow-picture")
    flow.locator(".edgeLabel.chooses").filter(has_text="getUserCookies").first.click()
    panel = page.locator("#details")
    expect(panel.locator("h2")).to_contain_text("getUserCookies from processSingle to ")
    events = panel.locator(".links button")
    expect(events).to_have_count(4)
    name = run.report["names"][0]
    events.filter(has_text=name).click()
    expect(panel.locator("h2")).to_have_text(f"getUserCookies for {name}")
    expect(panel.locator("pre")).to_contain_text(f'"name": "{name}"')
    expect(panel.locator(".facts")).to_contain_text(re.compile("Because of.*getUserProfile"))
    expect(panel.locator(".links")).to_contain_text("sideEffect")
    flow.locator(".node.chooses").filter(has_text="getMultiple").click()
    expect(panel.locator("h2")).to_have_text("getMultiple")
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"p95\s*\d"))


@pytest.fixture
def let_go_talker(account: Clients) -> Iterator[Callable[[str], object]]:
    """Lets a run go on, which without it waits in the middle and says so."""
    talks = WAITS.replace("time.sleep(0.5)", 'print("waiting", time.time(), flush=True)\n            time.sleep(0.5)')
    break_function(account, "postProcessSingle", talks, Timeout=300)
    yield lambda job: account.s3.put_object(Bucket=account.bucket, Key=job)
    mend(account)


def test_the_log_of_what_runs_grows_while_it_does(
    page: Page, url: str, runs: Runs, let_go_talker: Callable[[str], object]
) -> None:
    job = runs.start(people=1)
    open_view(page, url, job, "Timeline")
    page.locator("#invocations").get_by_role("button", name="postProcessSingle").click()
    panel = page.locator("#details")
    expect(panel.locator(".facts")).to_contain_text("running")
    log = panel.locator(".log")
    expect(log).to_contain_text("START RequestId")
    lines = log.locator("p")
    before = lines.count()
    expect(lines.nth(before + 1)).to_contain_text("waiting")
    expect(log).not_to_contain_text("REPORT RequestId")
    let_go_talker(job)
    expect(log).to_contain_text("handling getUserCookies")
    expect(log).to_contain_text("REPORT RequestId")
    expect(panel.locator(".facts")).to_contain_text("done")
    expect(panel).to_contain_text("What it emitted")


@pytest.fixture
def raising(account: Clients) -> Iterator[Runs]:
    """Runs in which a function may raise, and is tried three times."""
    break_function(account, "postProcessSingle", HANDLER.format(module="post_process_single"))
    yield Runs(account)
    mend(account)


def test_each_try_is_told_from_the_others_with_its_back_off(page: Page, url: str, raising: Runs) -> None:
    job = raising.start(people=1, how={"*": "raise"})

    def tried() -> dict[str, Any]:
        told: dict[str, Any] = page.request.get(f"{url}api/runs/{job}").json()
        return told if any(one["nextTry"] for one in told.get("pending", ())) else {}

    # What it is between two tries is over in a moment, so the page is given that moment.
    between = wait_for("a try that failed, and another to come", tried)
    page.route(f"**/api/runs/{job}", lambda route: route.fulfill(json=between))
    page.goto(f"{url}runs/{job}?view=timeline")
    waiting = page.get_by_role("region", name="What it waits for").locator("tbody tr")
    expect(waiting).to_contain_text(
        re.compile(r"no cookies today \(try [12] of 3\)next try (in about \d s|at any moment)")
    )
    page.locator('#invocations tr[data-kind="failed"]').get_by_role("button", name="postProcessSingle").last.click()
    panel = page.locator("#details")
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"Try\s*[12] of 3\s*Next try\s*(in about|at any)"))
    expect(panel.locator(".facts")).to_contain_text("at any moment")
    expect(waiting).to_contain_text("next try at any moment")
    page.unroute_all()
    raising.fail(job)
    open_view(page, url, job, "Timeline")
    tries = page.locator('#invocations tr[data-kind="failed"]').get_by_role("button", name="postProcessSingle")
    expect(tries).to_have_count(3)
    assert overflowing(page) == []
    tries.nth(1).click()
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"Try\s*2 of 3"))
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"Back-off\s*[1-9]\d*\.\d+ s"))
    expect(panel.locator("ol.links li")).to_have_count(3)
    expect(panel.locator("ol.links li").nth(2)).to_contain_text(
        re.compile(r"after a back-off of [1-9].*no cookies today")
    )
    # Only of this one.
    expect(panel.locator(".log")).to_contain_text("no cookies today")
    assert (panel.locator(".log").text_content() or "").count("START RequestId") == 1
    page.get_by_role("tab", name="Time and cost").click()
    expect(page.locator("#kinds")).to_contain_text(re.compile(r"back-off \d+\.\d+ s"))
    expect(page.locator("#path")).to_contain_text("postProcessSingle waits to be tried again")


def test_where_the_time_went_is_told_by_kind_and_marked_in_the_timeline(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Time and cost")
    kinds = page.locator("#kinds li")
    expect(kinds.filter(has_text="hand-back")).to_have_count(1)
    shares = [int(text.split()[-2]) for text in kinds.all_inner_texts()]
    assert 95 <= sum(shares) <= 105
    page.get_by_role("tab", name="Timeline").click()
    canvas = page.locator("#timeline-picture canvas").first
    expect(canvas).to_be_visible()
    page.wait_for_function(
        """([red, green, blue]) => {
          const canvas = document.querySelector("#timeline-picture canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          for (let at = 0; at < data.length; at += 4)
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
          return false;
        }""",
        arg=list(HAND_BACK),
    )


def ask_for_heartbeats(account: Clients) -> None:
    """Let each person's state fail without one, until everything is mended."""
    machine = account.arns.machine("EventdrivenMachine")
    definition = json.loads(account.states.describe_state_machine(stateMachineArn=machine)["definition"])
    states = definition["States"]["ProcessMultiple"]["ItemProcessor"]["States"]
    states["ProcessSingle"]["HeartbeatSeconds"] = HEARTBEAT_SECONDS
    account.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))


def test_what_a_run_waits_for_is_told_with_clocks_that_run(
    page: Page, url: str, account: Clients, runs: Runs, let_go_talker: Callable[[str], object]
) -> None:
    ask_for_heartbeats(account)
    job = runs.start(people=1)
    page.goto(f"{url}runs/{job}")
    row = page.get_by_role("region", name="What it waits for").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("postProcessSingle has been at work since")
    until = row.locator("td").last
    expect(until).to_have_text(re.compile(r"in [1-4] min \d+ s\s*in (\d min )?\d+ s without a heartbeat"))
    first = until.inner_text()
    expect(until).not_to_have_text(first)
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    assert overflowing(page) == []
    row.get_by_role("button", name="ProcessSingle for ").click()
    panel = page.locator("#details")
    expect(panel.locator(".facts")).to_contain_text(re.compile(r"Times out\s*in [1-4] min.*without a heartbeat"))
    let_go_talker(job)
    expect(page.get_by_role("region", name="What it waits for")).to_be_hidden()
    expect(panel.locator(".facts")).to_contain_text("SUCCEEDED")
