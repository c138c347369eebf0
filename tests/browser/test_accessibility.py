"""Every page at every size: nothing that axe-core finds wrong, nothing wider than the window, nothing that jumps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.e2e.runs import Run

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
VIOLATIONS = """async () => (await axe.run()).violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`
)"""
TABS = ("workflow", "timeline", "time", "events", "objects")
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


@pytest.fixture
def open_each(page: Page, url: str, run: Run) -> Callable[[Callable[[str], None]], None]:
    """Opens one page after the other, and does something with each once it is complete."""
    paths = [
        *(f"runs/{run.job}?view={tab}" for tab in TABS),
        f"runs/{run.job}?selected=node GetMultiple",
        "",
        f"compare?after={run.job}&before={run.job}",
        "architecture",
        "runs/nope",
        "nope",
    ]

    def open_each(act: Callable[[str], None]) -> None:
        for path in paths:
            page.goto(url + path)
            if path != "nope":
                expect(page.locator("#connection")).to_have_text("live")
            wait_until_shown(page)
            act(path)

    return open_each


def wait_until_shown(page: Page) -> None:
    """Wait until nothing that can be seen is still to come."""
    page.wait_for_function("""() => [...document.querySelectorAll('.awaits:empty, [aria-busy="true"]')]
      .every((one) => !one.checkVisibility() || one.hidden)""")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_axe(
    page: Page, open_each: Callable[[Callable[[str], None]], None], theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    found: dict[str, list[str]] = {}

    def check(path: str) -> None:
        page.evaluate(AXE)
        found[path] = page.evaluate(VIOLATIONS)

    open_each(check)
    assert {path: violations for path, violations in found.items() if violations} == {}


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


def test_no_page_is_wider_than_its_window(page: Page, open_each: Callable[[Callable[[str], None]], None]) -> None:
    wider: dict[str, list[int]] = {}

    def measure(path: str) -> None:
        wider[path] = overflowing(page)

    open_each(measure)
    assert {path: widths for path, widths in wider.items() if widths} == {}


def test_nothing_jumps_about_while_a_page_loads(page: Page, open_each: Callable[[Callable[[str], None]], None]) -> None:
    shifts: dict[str, float] = {}

    def read(path: str) -> None:
        page.evaluate(WATCH_SHIFTS)
        shifts[path] = page.evaluate("new Promise((done) => setTimeout(() => done(window.shift), 50))")

    open_each(read)
    assert {path: shift for path, shift in shifts.items() if shift > LARGEST_SHIFT} == {}
