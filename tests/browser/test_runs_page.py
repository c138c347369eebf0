"""All runs in a browser: start one, and watch it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bootstrap.clients import Clients
from observatory.runs.finding import PAGE_RUNS
from testkit.breaking import break_function
from testkit.ports import free_port
from testkit.waiting import wait_for
from tests.browser.web_server import running_web
from tests.e2e.breaking import HANDLER, mend
from tests.e2e.runs import Run, Runs

RUN_MILLISECONDS = 120_000
SLOWEST_FIRST = """() => {
  const seconds = [...document.querySelectorAll("#runs td[data-seconds]")].map((one) => Number(one.dataset.seconds));
  return seconds.length > 1 && seconds.every((one, at) => at === 0 || one <= seconds[at - 1]);
}"""

# As a browser does that connects a page to a worker which is just about to end.
FIRST_WORKER_IS_DEAF = """
const Worker = SharedWorker;
SharedWorker = function (...asked) {
  SharedWorker = Worker;
  return { port: new MessageChannel().port1 };
};
"""


def test_a_run_fired_from_the_page_is_seen_live_until_it_has_succeeded(
    page: Page, url: str, let_go: Callable[[str], object]
) -> None:
    page.goto(url)
    page.get_by_label("People", exact=True).fill("3")
    page.get_by_label("Seed").fill("from the page")
    page.get_by_role("button", name="Fire a start event").click()
    page.wait_for_url(re.compile("/runs/[0-9a-f-]{36}"))
    status, picture = page.locator("#summary .badge"), page.locator("#workflow-picture")
    expect(status).to_have_text("RUNNING")
    expect(page.locator("#progress-text")).to_have_text("0 of 3 people")
    expect(picture.locator(".cluster.running")).to_contain_text("ProcessMultiple 0 of 3")
    expect(picture.locator(".node.waiting")).to_contain_text("ProcessSingle")
    let_go(page.locator("#job").text_content() or "")
    expect(status).to_have_text("SUCCEEDED", timeout=RUN_MILLISECONDS)
    expect(page.locator("#completeness")).to_have_text("complete")
    expect(picture.locator(".cluster.succeeded")).to_contain_text("ProcessMultiple 3 of 3")
    expect(page.locator("#items tbody .badge")).to_have_text(["SUCCEEDED"] * 3)


def test_a_run_started_elsewhere_appears_on_top_and_goes_on_to_its_figures(page: Page, url: str, runs: Runs) -> None:
    page.goto(url)
    expect(page.locator("#connection")).to_have_text("live")
    run = runs.run(people=2, seed="elsewhere")
    first = page.locator("#runs tbody tr").first
    expect(first.locator("th").get_by_role("link")).to_have_attribute("href", f"/runs/{run.job}")
    shown = page.locator("#runs thead th").all_inner_texts()
    cells = dict(zip(shown, first.locator("th, td").all(), strict=True))
    expect(cells["Status"]).to_have_text("SUCCEEDED")
    expect(cells["People"]).to_have_text("2")
    expect(cells["Cookies"]).to_have_text(str(run.report["totalCookiesConsumed"]))
    expect(cells["Failed"]).to_have_text("0")
    expect(cells["Started with, or why it failed"]).to_have_text("people: 2, seed: elsewhere")


def test_what_the_server_refuses_is_said_in_its_words(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("People", exact=True).evaluate("field => field.removeAttribute('max')")
    page.get_by_label("People", exact=True).fill("2501")
    page.get_by_role("button", name="Fire a start event").click()
    expect(page.locator("#start-error")).to_contain_text("'2501' is not a whole number from 0 to 2500")


def test_a_page_whose_stream_never_says_anything_asks_for_another(page: Page, url: str, runs: Runs) -> None:
    job = runs.start(people=0)
    page.add_init_script(FIRST_WORKER_IS_DEAF)
    page.goto(url)
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator(f'#runs tr[data-key="{job}"]')).to_contain_text("SUCCEEDED")


def test_a_lost_connection_is_shown_and_mends_itself(page: Page, account: Clients, runs: Runs) -> None:
    port = free_port()
    connection = page.locator("#connection")
    with running_web(account, port) as url:
        page.goto(url)
        expect(connection).to_have_text("live")
    expect(connection).to_have_text("the pages' server is gone, trying again")
    with running_web(account, port):
        expect(connection).to_have_text("live")
        job = runs.start(people=0)
        expect(page.locator(f'#runs tr[data-key="{job}"]')).to_contain_text("SUCCEEDED")


def test_times_are_shown_in_utc_or_as_this_machine_has_them_and_stay_so(page: Page, url: str, run: Run) -> None:
    page.goto(url)
    started = page.locator(f'#runs tr[data-key="{run.job}"] time')
    expect(started).not_to_contain_text("UTC")
    page.get_by_role("button", name="Times: local").click()
    expect(started).to_contain_text("UTC")
    page.goto(f"{url}runs/{run.job}")
    expect(page.locator("#summary time")).to_contain_text("UTC")
    expect(page.locator("#summary .ago")).to_contain_text("ago")
    page.get_by_role("button", name="Times: UTC").click()
    expect(page.locator("#summary time")).not_to_contain_text("UTC")


def test_runs_are_found_by_what_the_address_asks_for(page: Page, url: str, run: Run, runs: Runs) -> None:
    failed = runs.start(people=-1)
    runs.fail(failed)
    page.goto(f"{url}?status=FAILED&text={failed}")
    rows = page.locator("#runs tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.locator(".badge")).to_have_text("FAILED")
    expect(rows.locator(".why")).to_contain_text("getMultiple failed: PeopleError: people of the start event is -1")
    expect(page.locator("#command")).to_have_text(f"python scripts/runs.py --text {failed} --status FAILED")
    page.get_by_label("Status").select_option("SUCCEEDED")
    expect(page.get_by_text("No run is like that")).to_be_visible()
    page.get_by_label("Find").fill("")
    page.get_by_label("Item", exact=True).fill(run.report["names"][0].upper())
    expect(rows.filter(has_text=run.job[:8])).to_have_count(1)
    expect(page).to_have_url(re.compile("status=SUCCEEDED&item="))
    page.get_by_label("Item", exact=True).fill("")
    page.get_by_label("Status").select_option("")
    page.get_by_label("Error").fill("peopleerror")
    expect(rows.filter(has_text=failed[:8])).to_have_count(1)
    expect(rows.locator('.badge:not([data-status="failed"])')).to_have_count(0)


def test_what_cannot_be_asked_for_is_said_in_a_line(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}?since=soon&text={run.job}")
    error = page.locator("#filter-error")
    expect(error).to_have_text(re.compile("since is 'soon': give how long ago, such as 5m"))
    page.get_by_label("Since").fill("1d")
    expect(error).to_be_hidden()
    expect(page.locator("#runs tbody tr")).to_have_count(1)


def test_any_number_of_runs_comes_page_by_page_in_the_order_that_is_asked_for(page: Page, url: str, runs: Runs) -> None:
    jobs = [runs.start(people=0, seed=f"paged {number}") for number in range(PAGE_RUNS + 2)]
    wait_for("all runs", lambda: all(map(runs.is_over, jobs[-20:])), RUN_MILLISECONDS / 1000)
    page.goto(f"{url}?text=paged&sort=oldest")
    rows = page.locator("#runs tbody tr")
    expect(page.locator("#found")).to_contain_text(f"{len(jobs)} of")
    expect(rows).to_have_count(PAGE_RUNS)
    page.get_by_role("button", name="Next").click()
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("sort=oldest&page=2"))
    begun = [row.locator("time").first.get_attribute("datetime") or "" for row in rows.all()]
    first = page.request.get(f"{url}api/runs?text=paged&sort=oldest").json()["runs"]
    assert max(one["startedAt"] for one in first) <= begun[0] <= begun[1]
    page.go_back()
    expect(rows).to_have_count(PAGE_RUNS)
    page.get_by_role("button", name="Duration").click()
    expect(page.locator('th[aria-sort="descending"]')).to_have_text("Duration")
    expect(page).to_have_url(re.compile("sort=slowest"))
    expect(rows.first.locator(".sparkline")).to_have_accessible_name(re.compile("slower than|the first run"))
    wait_for("the slowest first", lambda: page.evaluate(SLOWEST_FIRST))


def test_the_last_bar_of_a_trend_is_the_duration_of_its_run(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}?text={run.job}")
    trend = page.request.get(f"{url}api/runs?text={run.job}").json()["runs"][0]["trend"]
    bars = page.locator("#runs .sparkline rect")
    expect(bars).to_have_count(len(trend))
    heights = [float(bar.get_attribute("height") or 0) for bar in bars.all()]
    assert heights == [pytest.approx(max(16 * value / max(trend), 1.5), abs=0.01) for value in trend]
    expect(bars.last).to_have_class("own")


def test_as_many_failures_are_counted_in_the_list_as_on_the_page_and_among_its_items(
    page: Page, url: str, account: Clients, runs: Runs
) -> None:
    break_function(account, "postProcessSingle", HANDLER.format(module="post_process_single"))
    account.lambda_.update_function_event_invoke_config(FunctionName="postProcessSingle", MaximumRetryAttempts=0)
    job = runs.start(people=4, how={"*": "raise"})
    runs.fail(job)
    mend(account)
    states = page.request.get(f"{url}api/runs/{job}").json()["stateRuns"]
    failed = {
        item for item, status in zip(states["item"], states["status"], strict=True) if item and status == "FAILED"
    }
    assert failed
    page.goto(f"{url}?text={job}")
    cells = page.locator(f'#runs tr[data-key="{job}"] td.number.error')
    expect(cells).to_have_text(str(len(failed)))
    page.goto(f"{url}runs/{job}")
    expect(page.locator("#summary div").filter(has_text="Failed for good").locator("dd")).to_have_text(str(len(failed)))
    expect(page.locator('#items tbody .badge[data-status="failed"]')).to_have_count(len(failed))
