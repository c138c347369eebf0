"""The timeline of a run in a browser: who did what when, because of what, and what failed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from bootstrap.clients import Clients
from tests.browser.test_run_page import open_view
from tests.e2e.breaking import HANDLER, break_function, mend
from tests.e2e.runs import Run, Runs
from tests.waiting import wait_for

# Where in the picture, in pixels of the page, there is a patch of a colour as large as a bar; null if there is none.
FIND_COLOR = """(canvas, wanted) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const has = (x, y) => wanted.every((value, part) => data[4 * (y * width + x) + part] === value);
  for (let y = 4; y < height - 4; y += 1)
    for (let x = 2; x < width - 2; x += 1)
      if ([[0, 0], [-2, 0], [2, 0], [0, -4], [0, 4]].every(([right, down]) => has(x + right, y + down)))
        return { x: (x * canvas.clientWidth) / width, y: (y * canvas.clientHeight) / height };
  return null;
}"""


def color_in(picture: Locator, color: list[int]) -> dict[str, float] | None:
    """Find a colour in the picture."""
    found: dict[str, float] | None = picture.locator("canvas").first.evaluate(FIND_COLOR, color)
    return found


def test_a_persons_chain_is_found_and_told_from_cause_to_effect(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    name = run.report["names"][1]
    page.get_by_label("Person").fill(name)
    rows = page.locator("#invocations tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator("#timeline-picture")).to_have_attribute("aria-label", re.compile("^Timeline of 4 bars"))
    rows.get_by_role("button", name="postProcessSingle").click()
    details = page.get_by_role("complementary", name=f"postProcessSingle for {name}")
    chain = [line.strip() for line in details.locator(".chain .link, .chain .type").all_inner_texts()]
    assert chain[:4] == ["ProcessSingle", "getUserProfile", "processSingle", "getUserCookies"]
    assert sorted(chain[4:]) == ["async.done", "done", "postProcessSingle", "sideEffect"]
    expect(details.locator(".log")).to_contain_text("handling getUserCookies")
    expect(details.locator(".facts")).to_contain_text(re.compile(r"Queue wait\s*\d+ ms"))
    details.get_by_role("button", name="processSingle", exact=True).click()
    expect(page.get_by_role("complementary")).to_have_accessible_name(f"processSingle for {name}")


def test_all_of_it_can_be_reached_by_keyboard(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    page.get_by_role("tab", name="Workflow").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Timeline")).to_be_focused()
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")
    first = page.locator("#invocations tbody button").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#details-heading")).to_be_focused()
    # As when something new is known of the run.
    page.locator("#invocations tbody tr").evaluate_all(
        "rows => rows.forEach(row => row.replaceWith(row.cloneNode(true)))"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#details")).to_be_hidden()
    expect(first).to_be_focused()


def test_side_effects_have_a_colour_of_their_own_and_a_bar_opens_its_details(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    picture = page.locator("#timeline-picture")
    expect(picture.locator("canvas").first).to_be_visible()
    purple = wait_for("a side effect's bar", lambda: color_in(picture, [138, 91, 199]))
    assert purple
    picture.locator("canvas").first.click(position={"x": purple["x"], "y": purple["y"]})
    expect(page.locator("#details-heading")).to_contain_text("sideEffect for ")


def test_zooming_shows_a_part_of_the_run(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    picture = page.locator("#timeline-picture canvas").first
    expect(picture).to_be_visible()
    whole = picture.screenshot()
    page.get_by_role("button", name="Zoom in").click()
    wait_for("a part of the run", lambda: picture.screenshot() != whole)
    page.get_by_role("button", name="Show all").click()
    wait_for("the whole run", lambda: picture.screenshot() == whole)


def test_the_picture_follows_the_readers_theme(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    picture = page.locator("#timeline-picture")
    expect(picture.locator("canvas").first).to_be_visible()
    wait_for("the light theme's work", lambda: color_in(picture, [59, 125, 216]))
    page.emulate_media(color_scheme="dark")
    wait_for("the dark theme's work", lambda: color_in(picture, [63, 128, 214]))
    assert color_in(picture, [59, 125, 216]) is None


def test_a_run_that_failed_is_red_and_says_why(page: Page, url: str, runs: Runs) -> None:
    job = runs.start(people=-1)
    runs.fail(job)
    open_view(page, url, job, "Timeline")
    expect(page.locator("#summary .badge")).to_have_text("FAILED")
    why = "getMultiple raised PeopleError: people of the start event is -1: give a whole number from 0 to 2500"
    expect(page.get_by_role("region", name="What failed").locator("li").first).to_have_text(
        f"EventdrivenMachine failed: {why}"
    )
    failed = page.locator('#invocations tr[data-kind="failed"]')
    expect(failed.first).to_be_visible()
    picture = page.locator("#timeline-picture")
    red = wait_for("a bar that failed", lambda: color_in(picture, [198, 47, 47]))
    assert red
    picture.locator("canvas").first.click(position={"x": red["x"], "y": red["y"]})
    expect(page.locator("#details .error").first).to_contain_text("people of the start event is -1")
    page.get_by_role("tab", name="Report and objects").click()
    expect(page.locator("#report")).to_contain_text("0-failed.json")
    page.goto(url)
    expect(page.locator(f'#runs tr[data-key="{job}"] .badge')).to_have_css("background-color", "rgb(198, 47, 47)")


@pytest.fixture
def crashing(account: Clients) -> Iterator[Runs]:
    """Runs in which postProcessSingle fails before it can say which event it has."""
    break_function(account, "postProcessSingle", "post_process_single", HANDLER.format(module="post_process_single"))
    account.lambda_.update_function_event_invoke_config(FunctionName="postProcessSingle", MaximumRetryAttempts=0)
    yield Runs(account)
    mend(account)


def test_a_crash_is_in_the_chain_of_the_person_it_happened_to(page: Page, url: str, crashing: Runs) -> None:
    job = crashing.start(people=1, how={"*": "exit"})
    name = crashing.fail(job).failure["name"]
    open_view(page, url, job, "Timeline")
    page.get_by_label("Person").fill(name)
    failed = page.locator('#invocations tr[data-kind="failed"]')
    failed.get_by_role("button", name="postProcessSingle", exact=True).click()
    chain = page.locator("#details .chain")
    expect(chain).to_contain_text("getUserCookies")
    expect(chain).to_contain_text(re.compile("postProcessSingle.*failed"))
    expect(page.locator("#details .log")).to_contain_text("exit status 3")
