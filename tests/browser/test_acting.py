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
    expect(dialog).to_contain_text(f"python scripts/runs.py stop {job} --reason")
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


def test_a_run_is_stopped_and_redriven_from_the_list_once_however_often_it_is_clicked(
    page: Page, url: str, runs: Runs, let_go: Callable[[str], object]
) -> None:
    job = runs.start(people=2, seed="from the list")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.goto(f"{url}?text={job}")
    row = page.locator(f'#runs tr[data-key="{job}"]')
    row.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("dialog", name="Stop this run")
    expect(dialog).to_contain_text(f"python scripts/runs.py stop {job} --reason")
    dialog.get_by_label("Reason").fill("not this one")
    dialog.get_by_role("button", name="Stop it").dblclick()
    expect(dialog).to_be_hidden()
    expect(row.locator(".badge")).to_have_text("ABORTED")
    expect(row.locator(".why")).to_have_text("Stopped: not this one")
    row.get_by_role("button", name="Redrive").dblclick()
    expect(row.locator(".badge")).to_have_text("RUNNING")
    let_go(job)
    expect(row.locator(".badge")).to_have_text("SUCCEEDED", timeout=RUN_MILLISECONDS)
    assert [path.rpartition("/")[2] for path in asked] == ["stop", "redrive"]


def test_one_like_it_is_started_from_the_list(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}?text={run.job}")
    page.get_by_role("link", name=f"Like it … run {run.job[:8]}").click()
    expect(page.get_by_label("Detail, JSON")).to_have_value(re.compile('"seed": "browser"'))


def test_where_the_time_went_and_what_it_would_cost_is_told(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Time and cost")
    functions = page.locator("#functions tbody tr")
    expect(functions).to_have_count(5)
    expect(functions.filter(has_text="postProcessAll")).to_contain_text("ms")
    shares = [int(text.split()[0]) for text in page.locator("#path .share").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert 90 <= sum(shares) <= 110
    expect(page.locator("#cost tbody tr").last).to_contain_text("in all")
