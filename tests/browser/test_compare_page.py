"""Two runs beside each other: the same seed before and after an edit."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bootstrap.clients import Clients
from testkit.breaking import break_function
from tests.browser.test_orders_pages import Shop
from tests.browser.test_orders_pages import shop as shop
from tests.e2e.breaking import mend
from tests.e2e.runs import Run, Runs
from tests.e2e.typing_commands import type_command

SEED = "the same"
# Everyone has eaten one more, and it takes a while to count that.
EDITED = """
import time

from handlers import post_process_single

emit = post_process_single.emit


def emit_one_more(event, detail_type, detail):
    emit(event, detail_type, {"numberOfCookiesConsumed": detail["numberOfCookiesConsumed"] + 1})


post_process_single.emit = emit_one_more


def lambda_handler(event, context):
    time.sleep(5)
    post_process_single.lambda_handler(event, context)
"""


# The run that all share must not be one of those after the edit.
@pytest.fixture(scope="module")
def pair(account: Clients, runs: Runs, run: Run) -> Iterator[tuple[Run, Run]]:
    """The same run before and after an edit."""
    before = runs.run(people=3, seed=SEED)
    break_function(account, "postProcessSingle", EDITED)
    after = runs.run(people=3, seed=SEED)
    yield before, after
    mend(account)


COLOUR = (
    "(one, [x, y]) => [...one.getContext('2d').getImageData(...[x, y].map((at) => at * devicePixelRatio), 1, 1).data]"
)


def pixel(canvas: Locator, x: float, y: float) -> Any:
    """The colour of a point of a canvas."""
    return canvas.evaluate(COLOUR, [x, y])


def test_the_list_leads_to_the_run_before_with_the_same_input_and_tells_what_the_edit_made_slower(
    page: Page, url: str, pair: tuple[Run, Run]
) -> None:
    before, after = pair
    page.goto(f"{url}?text={after.job}")
    page.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(re.compile(f"after={after.job}&before={before.job}"))
    expect(page.get_by_text("Both were started with the same.")).to_be_visible()
    slower = page.locator('#parts tr[data-change="slower"]').filter(has_text="postProcessSingle (function)")
    expect(slower).to_have_count(3)
    values = page.locator("#otherwise li")
    for name in after.report["names"]:
        expect(values.filter(has_text=re.compile(f"^cookies of {name}: \\d+ → \\d+$"))).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(re.compile("text="))


def test_both_timelines_lie_over_each_other(page: Page, url: str, pair: tuple[Run, Run]) -> None:
    before, after = pair
    page.goto(f"{url}compare?before={before.job}&after={after.job}")
    canvas = page.locator("#overlay canvas")
    expect(page.locator("#parts tbody tr").first).to_be_visible()
    found = page.request.get(f"{url}api/compare?before={before.job}&after={after.job}").json()
    part = next(one for one in found["parts"] if one["name"] == "ProcessMultiple")
    end: float = max(span["ended"] for one in found["parts"] for side in ("before", "after") if (span := one[side]))
    width: float = canvas.evaluate("one => one.clientWidth")
    left, right = 170, 24

    def x(at: float) -> float:
        return left + at / end * (width - left - right)

    # The second block: the first row of a block is 0.6 rows below the one before.
    top = 24 + 1.6 * 16
    both = (max(part["before"]["began"], part["after"]["began"]) + part["before"]["ended"]) / 2
    only_after = (part["before"]["ended"] + part["after"]["ended"]) / 2
    assert part["after"]["ended"] > part["before"]["ended"]
    edge, middle = top + 1.5, top + 0.45 * 16
    assert pixel(canvas, x(both), middle) == pixel(canvas, x(only_after), middle), "the run after"
    assert pixel(canvas, x(both), edge) != pixel(canvas, x(both), middle), "the run before, behind it"
    assert pixel(canvas, x(only_after), edge) != pixel(canvas, x(both), edge), "nothing behind it where that had ended"


ROWS = """async (parts) => {
  const { layOut, rowHeight } = await import("/static/compare/layout.js");
  const { rows, height } = layOut(parts);
  const nameOf = ({ name, item }) => [name, item].filter(Boolean).join(" for ");
  return rows.map(({ part, at }) => [nameOf(part), at * rowHeight(height), rowHeight(height)]);
}"""


def test_what_is_said_of_a_row_is_said_over_all_of_it_and_nowhere_else(
    page: Page, url: str, pair: tuple[Run, Run]
) -> None:
    before, after = pair
    page.goto(f"{url}compare?before={before.job}&after={after.job}")
    canvas, tip = page.locator("#overlay canvas"), page.locator("#overlay .tip")
    expect(page.locator("#parts tbody tr").first).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    parts = page.request.get(f"{url}api/compare?before={before.job}&after={after.job}").json()["parts"]
    for name, top, height in page.evaluate(ROWS, parts):
        for share in (0.1, 0.9):
            page.mouse.move(box["x"] + 200, box["y"] + 24 + top + share * height)
            expect(tip).to_have_text(re.compile(f"^{name}: "))
    page.mouse.move(box["x"] + 200, box["y"] + 24 + top + 1.3 * height)
    expect(tip).to_be_hidden()


def test_a_terminal_tells_the_same(page: Page, url: str, pair: tuple[Run, Run], account: Clients) -> None:
    before, after = pair
    page.goto(f"{url}compare?after={after.job}")
    expect(page.locator("#command")).to_have_text(f"python scripts/explain.py {after.job} --against {before.job}")
    done = type_command(account, "explain.py", after.job, "--against", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["before"]["job"] == before.job
    shown = type_command(account, "explain.py", after.job, "--against", before.job).stdout
    assert re.search(r"^slower +function +postProcessSingle ", shown, re.MULTILINE)


def test_the_later_run_is_started_again_and_compared_with_itself_as_it_was(
    page: Page, url: str, pair: tuple[Run, Run]
) -> None:
    _before, after = pair
    page.goto(f"{url}runs/{after.job}")
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("button", name="Run it again, then compare").click()
    expect(page.locator("#before")).to_have_value(after.job)
    expect(page).to_have_url(re.compile(f"before={after.job}"))
    expect(page.locator("#heads .badge")).to_have_text(["SUCCEEDED"] * 2)


def test_a_run_that_is_not_there_is_said_in_a_line(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}compare?before=nope&after={run.job}")
    expect(page.get_by_role("alert")).to_contain_text("no run 'nope'")


def test_two_orders_are_compared_and_what_is_gone_is_told(page: Page, shop: Shop) -> None:
    before, after = shop.place(), shop.place(card="declined")
    page.goto(f"{shop.url}compare?before={before}&after={after}")
    expect(page.get_by_text("They were not started with the same.")).to_be_visible()
    expect(
        page.locator("#otherwise .error").filter(has_text=re.compile("chargeCard raised CardDeclinedError"))
    ).to_have_count(1)
    rows = page.locator("#parts tbody tr")
    expect(rows.filter(has_text="ShipOrder (state)")).to_contain_text("gone")
    expect(rows.filter(has_text="ReleaseStock (state)")).to_contain_text("new")
