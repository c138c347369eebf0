"""Every page at every size: nothing that axe-core finds wrong, nothing wider than the window, nothing that jumps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import watched
from tests.e2e.runs import Run

type Theme = Literal["light", "dark"]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
VIOLATIONS = """async () => (await axe.run()).violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`
)"""
SAY_THAT_ALL_IS_WRONG = """async () => {
  const { report } = await import("/static/common/messages.js");
  const { ApiError } = await import("/static/common/api.js");
  for (const source of ["one", "other"]) report(source, new ApiError("the sandbox does not answer", 0));
}"""
VIEWS = ("workflow", "timeline", "time", "events", "objects")
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (360, 390, 1024, 1440)
# What Google calls good; https://web.dev/articles/cls
LARGEST_SHIFT = 0.1
# Shifts within half a second of a key or a click are what the reader asked for.
WATCH_SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Seen:
    """What is wrong with a page: its parts that shifted, what axe found in each theme, the widths it is wider than."""

    shift: float
    violations: dict[str, list[str]]
    overflowing: list[int]


@pytest.fixture(scope="module")
def seen(tab: Page, url: str, run: Run) -> dict[str, Seen]:
    """Every page, opened once."""
    paths = [
        *(f"runs/{run.job}?view={view}" for view in VIEWS),
        f"runs/{run.job}?selected=node GetMultiple",
        "",
        f"compare?after={run.job}&before={run.job}",
        "architecture",
        "runs/nope",
        "nope",
    ]
    found = {}
    with watched(tab) as page:
        for path in paths:
            page.goto(url + path)
            if path != "nope":
                expect(page.locator("#connection")).to_have_text("live")
            wait_until_shown(page)
            found[path] = Seen(shift_of(page), violations_in(page), overflowing(page))
    return found


def wait_until_shown(page: Page) -> None:
    """Wait until nothing that can be seen is still to come."""
    page.wait_for_function("""() => [...document.querySelectorAll('.awaits:empty, [aria-busy="true"]')]
      .every((one) => !one.checkVisibility() || one.hidden)""")


def shift_of(page: Page) -> float:
    """By how much things jumped about while the page loaded."""
    page.evaluate(WATCH_SHIFTS)
    shift: float = page.evaluate("new Promise((done) => setTimeout(() => done(window.shift), 50))")
    return shift


def violations_in(page: Page) -> dict[str, list[str]]:
    """What axe finds wrong, by theme."""
    page.evaluate(AXE)
    found: dict[str, list[str]] = {}
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        wait_until_shown(page)
        found[theme] = page.evaluate(VIOLATIONS)
    page.emulate_media(color_scheme=THEMES[0])
    return found


def overflowing(page: Page) -> list[int]:
    """The widths of windows that what is shown is wider than, and has to be scrolled sideways."""
    size = page.viewport_size
    assert size
    wider = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        try:
            # What is drawn follows the window a moment later.
            page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        except PlaywrightTimeoutError:
            wider.append(width)
    page.set_viewport_size(size)
    return wider


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_breaks_a_rule_of_axe(seen: dict[str, Seen], theme: Theme) -> None:
    assert {path: wrong for path, page in seen.items() if (wrong := page.violations[theme])} == {}


def test_no_page_is_wider_than_its_window(seen: dict[str, Seen]) -> None:
    assert {path: page.overflowing for path, page in seen.items() if page.overflowing} == {}


def test_nothing_jumps_about_while_a_page_loads(seen: dict[str, Seen]) -> None:
    assert {path: page.shift for path, page in seen.items() if page.shift > LARGEST_SHIFT} == {}


def test_nor_when_a_message_comes(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    wait_until_shown(page)
    page.evaluate(SAY_THAT_ALL_IS_WRONG)
    expect(page.locator("#messages .message")).to_have_count(2)
    assert shift_of(page) <= LARGEST_SHIFT
    assert overflowing(page) == []
