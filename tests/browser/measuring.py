"""`python -m tests.browser.measuring`: how fast the pages of 500 and of 2,500 people are, on a machine that rests."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from emulator.ports import ServerError
from testkit.waiting import wait_for
from tests.browser.chromium import ChromiumMissingError, running_chromium
from tests.browser.screenshots import TIMEOUT_MILLISECONDS, sandbox
from tests.browser.test_large_run import PEOPLE, idle_share, multiply, served
from tests.browser.web_server import running_web
from tests.e2e.runs import Run, Runs

FEWER_PEOPLE = 500
TIMES = 5
IDLE_SECONDS = 10.0
WINDOW = {"width": 1360, "height": 900}

# Milliseconds since the navigation when the timeline had a colour in its middle, which it has not before it is drawn.
DRAWN = """new Promise((done) => {
  const look = () => {
    const canvas = document.querySelector("#timeline-picture canvas");
    const middle = canvas?.width && canvas.getContext("2d").getImageData(canvas.width / 2, 0, 1, canvas.height).data;
    if (middle && middle.some(Boolean) && document.querySelector("#invocations tbody tr")) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""
# Frames a second while the page is scrolled down and up again, three seconds in all.
SCROLLED = """new Promise((done) => {
  const [began, most] = [performance.now(), document.documentElement.scrollHeight - innerHeight];
  let frames = 0;
  const scroll = (now) => {
    const share = (now - began) / 3000;
    if (share >= 1) return done(frames / 3);
    frames += 1;
    scrollTo(0, most * (1 - Math.abs(2 * share - 1)));
    requestAnimationFrame(scroll);
  };
  requestAnimationFrame(scroll);
})"""


def main() -> int:
    """Measure, print, and return the exit status."""
    try:
        with running_chromium() as browser, sandbox() as clients, running_web(clients) as url:
            page = browser.new_context(viewport=WINDOW).new_page()  # type: ignore[arg-type]
            page.set_default_timeout(TIMEOUT_MILLISECONDS)
            run = Runs(clients).run(people=4, seed="measuring")
            measure(page, url, run)
    except (ChromiumMissingError, ServerError) as error:
        sys.stderr.write(f"measuring: {error}\n")
        return 1
    return 0


def measure(page: Page, url: str, run: Run) -> None:
    """Print each figure beside what it is to be."""
    small = wait_for("the end of the side effects", lambda: complete(page, f"{url}api/runs/{run.job}"))
    address = f"{url}runs/{run.job}?view=timeline"
    with instead(page, run, small, FEWER_PEOPLE):
        # The first time, the browser compiles what it keeps.
        times = [opened(page, address) for _time in range(TIMES + 1)][1:]
        say(
            f"{FEWER_PEOPLE} people, warm, until the timeline is drawn",
            f"{sorted(times)[TIMES // 2]:.0f} ms",
            "1000 ms",
        )
    with instead(page, run, small, PEOPLE):
        say(f"{PEOPLE} people, until the timeline is drawn", f"{opened(page, address):.0f} ms", "usable")
        say("frames a second while it is scrolled", f"{page.evaluate(SCROLLED):.0f}", "60")
        say("nodes", str(page.evaluate("document.querySelectorAll('*').length")), "3000")
        say("share of a core while nothing happens", f"{idle_share(page, IDLE_SECONDS):.1%}", "2 %")


def complete(page: Page, address: str) -> dict[str, Any]:
    """A story of which nothing is to come any more; nothing before."""
    story: dict[str, Any] = page.request.get(address).json()
    return story if story["complete"] else {}


@contextmanager
def instead(page: Page, run: Run, story: dict[str, Any], people: int) -> Iterator[None]:
    """Let the page get a story with many more people."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "story.json"
        file.write_text(json.dumps(multiply(story, run.report["names"][0], people), separators=(",", ":")))
        with served(file) as larger:
            page.route(f"**/api/runs/{run.job}", lambda route: route.continue_(url=larger))
            yield
            page.goto("about:blank")
            page.unroute_all()


def opened(page: Page, address: str) -> float:
    """Open a page, and return after how many milliseconds its timeline was drawn."""
    page.goto(address, wait_until="commit")
    milliseconds: float = page.evaluate(DRAWN)
    return milliseconds


def say(what: str, found: str, wanted: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"{what:55} {found:>8}   ({wanted})\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
