"""All runs in a browser: start one, and watch it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bootstrap.clients import Clients
from testkit.ports import free_port
from tests.browser.web_server import running_web
from tests.e2e.runs import Run, Runs

RUN_MILLISECONDS = 120_000

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
    expect(first.get_by_role("link")).to_have_attribute("href", f"/runs/{run.job}")
    shown = page.locator("#runs thead th").all_inner_texts()
    cells = dict(zip(shown, first.locator("th, td").all(), strict=True))
    expect(cells["Status"]).to_have_text("SUCCEEDED")
    expect(cells["People"]).to_have_text("2")
    expect(cells["Cookies"]).to_have_text(str(run.report["totalCookiesConsumed"]))
    expect(cells["Failures"]).to_have_text("0")
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
