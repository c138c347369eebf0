"""What can be done with a run in a browser: stop it, redrive it, start one like it."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_run_page import open_view
from tests.e2e.runs import Run, Runs

RUN_MILLISECONDS = 120_000


def test_a_run_is_stopped_with_a_reason_and_redriven_to_its_end(
    page: Page, url: str, runs: Runs, let_go: Callable[[str], object]
) -> None:
    job = runs.start(people=3)
    page.goto(f"{url}runs/{job}")
    page.get_by_role("button", name="Stop …").click()
    dialog = page.get_by_role("dialog", name="Stop this run")
    dialog.get_by_label("Reason").fill("seen enough")
    expect(dialog).to_contain_text("aws stepfunctions stop-execution --execution-arn arn:aws:states:")
    dialog.get_by_role("button", name="Stop it").click()
    expect(page.locator("#summary .badge")).to_have_text("ABORTED")
    expect(page.get_by_role("region", name="What failed")).to_contain_text("seen enough")
    expect(page.get_by_role("button", name="Stop …")).to_be_hidden()
    page.get_by_role("button", name="Redrive").click()
    let_go(job)
    expect(page.locator("#messages")).to_contain_text("Redriven: it goes on from where it failed.")
    expect(page.locator("#summary .badge")).to_have_text("SUCCEEDED", timeout=RUN_MILLISECONDS)
    expect(page.get_by_role("button", name="Redrive")).to_be_hidden()
    expect(page.get_by_role("region", name="What failed")).to_be_hidden()


def test_one_like_it_is_started_with_what_started_it_edited_first(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    page.get_by_role("link", name="Start one like it …").click()
    detail = page.get_by_label("Detail, JSON")
    expect(detail).to_have_value(re.compile('"seed": "browser"'))
    detail.fill(json.dumps({**json.loads(detail.input_value()), "people": 1}))
    page.get_by_role("button", name="Fire a start event").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
    expect(page.locator("#summary div").filter(has_text="Seed")).to_contain_text("browser")
    expect(page.locator("#items tbody tr")).to_have_count(1)


def test_runs_are_found_by_what_the_address_asks_for(page: Page, url: str, run: Run, runs: Runs) -> None:
    failed = runs.start(people=-1)
    runs.fail(failed)
    page.goto(f"{url}?status=FAILED&q={failed}")
    rows = page.locator("#runs tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.locator(".badge")).to_have_text("FAILED")
    page.get_by_label("Status").select_option("SUCCEEDED")
    expect(page.get_by_text("No run is like that")).to_be_visible()
    page.get_by_label("Find").fill(run.job)
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(f"status=SUCCEEDED&q={run.job}"))


def test_where_the_time_went_and_what_it_would_cost_is_told(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Time and cost")
    functions = page.locator("#functions tbody tr")
    expect(functions).to_have_count(5)
    expect(functions.filter(has_text="postProcessAll")).to_contain_text("ms")
    shares = [int(text.split()[0]) for text in page.locator("#path .share").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert 90 <= sum(shares) <= 110
    expect(page.locator("#cost tbody tr").last).to_contain_text("in all")
