"""The timeline of a run in a browser: who did what when, because of what, and what failed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from bootstrap.clients import Clients
from testkit.breaking import break_function
from testkit.waiting import wait_for
from tests.browser.test_run_page import open_view
from tests.e2e.breaking import HANDLER, mend
from tests.e2e.runs import Run, Runs

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
    page.get_by_label("Person", exact=True).fill(name)
    rows = page.locator("#invocations tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator("#timeline-picture")).to_have_attribute("aria-label", re.compile("^Timeline of 4 bars"))
    rows.get_by_role("button", name="postProcessSingle").click()
    details = page.get_by_role("complementary", name=f"postProcessSingle for {name}")
    chain = [line.strip() for line in details.locator(".chain .link, .chain .type").all_inner_texts()]
    assert chain[:4] == ["ProcessSingle", "getUserProfile", "processSingle", "getUserCookies"]
    assert sorted(chain[4:]) == ["async.done", "done", "postProcessSingle", "sideEffect"]
    expect(details.locator(".log")).to_contain_text("handling getUserCookies")
    expect(details.locator(".facts")).to_contain_text(re.compile(r"Queue wait\s*(\d+ ms|\d+\.\d\d s)"))
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
    purple = wait_for("a side effect's bar", lambda: color_in(picture, [132, 80, 196]))
    assert purple
    picture.locator("canvas").first.click(position={"x": purple["x"], "y": purple["y"]})
    expect(page.locator("#details-heading")).to_contain_text("sideEffect for ")


# All of the picture but the slider below it, whose handle is not drawn to the pixel.
LANES = """canvas => {
  const lanes = document.createElement("canvas");
  [lanes.width, lanes.height] = [canvas.width, canvas.height - 56];
  lanes.getContext("2d").drawImage(canvas, 0, 0);
  return lanes.toDataURL();
}"""


def picture_of(page: Page) -> str:
    """What is drawn, pixel by pixel, once it no longer changes."""
    seen = [""]

    def at_rest() -> str:
        seen.append(page.locator("#timeline-picture canvas").first.evaluate(LANES))
        return seen[-1] if seen[-1] == seen[-2] else ""

    return wait_for("a picture at rest", at_rest)


def test_a_part_that_was_zoomed_to_looks_as_it_does_when_it_is_opened_afresh(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    whole = picture_of(page)
    for _time in range(3):
        page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"[?&]from=\d+&to=\d+"))
    zoomed = picture_of(page)
    page.reload()
    expect(page.locator("#timeline-picture canvas").first).to_be_visible()
    assert picture_of(page) == zoomed != whole
    page.get_by_role("button", name="Show all").click()
    expect(page).not_to_have_url(re.compile("from="))
    shown = picture_of(page)
    page.reload()
    expect(page.locator("#timeline-picture canvas").first).to_be_visible()
    assert picture_of(page) == shown != zoomed


def test_the_address_holds_what_is_shown_and_back_leads_to_what_was_shown_before(
    page: Page, url: str, run: Run
) -> None:
    name = run.report["names"][0]
    page.goto(url)
    page.goto(f"{url}runs/{run.job}")
    page.locator("#items").get_by_role("button", name=name).click()
    page.get_by_role("link", name="Show it on the timeline").click()
    expect(page.locator("#invocations tbody tr")).to_have_count(4)
    page.locator("#invocations").get_by_role("button", name="processSingle", exact=True).click()
    heading = page.locator("#details-heading")
    expect(heading).to_have_text(f"processSingle for {name}")
    page.reload()
    expect(heading).to_have_text(f"processSingle for {name}")
    expect(page.get_by_label("Person", exact=True)).to_have_value(name)
    page.go_back()
    expect(page.locator("#details")).to_be_hidden()
    expect(page.locator("#invocations tbody tr")).to_have_count(4)
    page.go_back()
    expect(page.get_by_role("tab", name="Workflow")).to_have_attribute("aria-selected", "true")
    expect(heading).to_have_text(f"ProcessMultiple: {name}")
    page.go_back()
    expect(page.locator("#details")).to_be_hidden()
    page.get_by_role("tab", name="Events").click()
    page.get_by_label("Search in the events' JSON").fill(f'"name":"{name}"')
    page.get_by_label("Type", exact=True).select_option("done")
    page.reload()
    expect(page.locator("#event-list li")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("tab", name="Workflow")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()


def test_the_picture_follows_the_readers_theme(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Timeline")
    picture = page.locator("#timeline-picture")
    expect(picture.locator("canvas").first).to_be_visible()
    wait_for("the light theme's work", lambda: color_in(picture, [47, 111, 200]))
    page.emulate_media(color_scheme="dark")
    wait_for("the dark theme's work", lambda: color_in(picture, [56, 117, 204]))
    assert color_in(picture, [47, 111, 200]) is None


def test_a_run_that_failed_is_red_and_says_why(page: Page, url: str, runs: Runs) -> None:
    job = runs.start(people=-1)
    runs.fail(job)
    open_view(page, url, job, "Timeline")
    expect(page.locator("#summary .badge")).to_have_text("FAILED")
    why = "getMultiple failed: PeopleError: people of the start event is -1: give a whole number from 0 to 2500"
    card = page.get_by_role("region", name="What failed")
    expect(card.locator(".headline")).to_have_text(why)
    expect(card.locator(":scope > ul li")).to_have_count(0)
    place = card.get_by_role("link", name="handlers/get_multiple.py:")
    expect(place).to_have_attribute("href", re.compile(r"^vscode://file/.+/handlers/get_multiple\.py:\d+$"))
    card.get_by_text("What to type next").click()
    expect(card.locator("code").filter(has_text="scripts/invoke.py getMultiple --event").first).to_be_visible()
    card.get_by_role("button", name="Send its event again …").click()
    dialog = page.get_by_role("dialog", name="Send this event again")
    expect(dialog.get_by_label("Detail type")).to_have_value("getUsers")
    dialog.get_by_role("button", name="Cancel").click()
    failed = page.locator('#invocations tr[data-kind="failed"]')
    expect(failed.first).to_be_visible()
    picture = page.locator("#timeline-picture")
    red = wait_for("a bar that failed", lambda: color_in(picture, [198, 47, 47]))
    assert red
    picture.locator("canvas").first.click(position={"x": red["x"], "y": red["y"]})
    expect(page.locator("#details .error").first).to_contain_text("people of the start event is -1")
    page.get_by_role("tab", name="Results").click()
    expect(page.locator("#object-list")).to_contain_text("0-failed.json")
    page.goto(url)
    expect(page.locator(f'#runs tr[data-key="{job}"] .badge')).to_have_css("background-color", "rgb(198, 47, 47)")


@pytest.fixture
def crashing(account: Clients) -> Iterator[Runs]:
    """Runs in which postProcessSingle fails before it can say which event it has."""
    break_function(account, "postProcessSingle", HANDLER.format(module="post_process_single"))
    account.lambda_.update_function_event_invoke_config(FunctionName="postProcessSingle", MaximumRetryAttempts=0)
    yield Runs(account)
    mend(account)


def test_a_crash_is_in_the_chain_of_the_person_it_happened_to(page: Page, url: str, crashing: Runs) -> None:
    job = crashing.start(people=1, how={"*": "exit"})
    name = crashing.fail(job).failure["name"]
    open_view(page, url, job, "Timeline")
    page.get_by_label("Person", exact=True).fill(name)
    failed = page.locator('#invocations tr[data-kind="failed"]')
    failed.get_by_role("button", name="postProcessSingle", exact=True).click()
    chain = page.locator("#details .chain")
    expect(chain).to_contain_text("getUserCookies")
    expect(chain).to_contain_text(re.compile("postProcessSingle.*failed"))
    expect(page.locator("#details .log")).to_contain_text("exit status 3")
