"""`make screenshots`: take the README's pictures, of real runs in a sandbox of their own."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from emulator.ports import ServerError
from emulator.server import Server
from testkit.breaking import break_function
from testkit.ports import free_port
from tests.browser.chromium import ChromiumMissingError, running_chromium
from tests.browser.web_server import running_web
from tests.e2e.breaking import HANDLER, mend
from tests.e2e.runs import Runs

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTH, HEIGHT = 1280, 800
TALL = 1000
TALLEST = 1200
TIMEOUT_MILLISECONDS = 120_000
SEED = "screenshots"
PEOPLE = 6
# Something is in the middle of the timeline, also once the panel has made it narrower.
TIMELINE_IS_DRAWN = """() => {
  const canvas = document.querySelector("#timeline-picture canvas");
  if (!canvas?.width) return false;
  return canvas.getContext("2d").getImageData(canvas.width / 2, 0, 1, canvas.height).data.some(Boolean);
}"""


def main() -> int:
    """Take the pictures, and return the exit status."""
    try:
        with running_chromium() as browser, sandbox() as clients, running_web(clients) as url:
            take_all(browser, clients, url)
    except (ChromiumMissingError, ServerError) as error:
        sys.stderr.write(f"screenshots: {error}\n")
        return 1
    return 0


@contextmanager
def sandbox() -> Iterator[Clients]:
    """A LocalStack with everything bootstrapped, gone in the end."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), free_port()).running() as server:
        clients = Clients(load_settings({"AWS_ENDPOINT_URL": server.endpoint_url}))
        deploy.up(clients, on_change=lambda *_: None)
        yield clients


def take_all(browser: Browser, clients: Clients, url: str) -> None:
    """Do the runs, and take a picture of each page."""
    runs = Runs(clients)
    run = runs.run(people=PEOPLE, seed=SEED)
    name = run.report["names"][2]
    failed = fail(clients, runs, name)
    again = runs.run(people=PEOPLE, seed=SEED)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with opened(browser, url, "light", HEIGHT) as page:
        page.locator(f'#runs tr[data-key="{again.job}"]').get_by_text("SUCCEEDED").wait_for()
        save(page, "runs")
    with opened(browser, f"{url}runs/{again.job}?view=timeline", "light", TALL) as page:
        page.locator("#invocations").get_by_role("button", name="postProcessSingle").first.click()
        page.locator("#details .log .when").first.wait_for()
        page.wait_for_function(TIMELINE_IS_DRAWN)
        save(page, "timeline")
    with opened(browser, f"{url}runs/{failed}", "dark", TALL) as page:
        page.locator("#workflow-picture svg .node.succeeded").get_by_text("StoreFailure").wait_for()
        save(page, "failed")
    with opened(browser, f"{url}architecture", "light", TALLEST) as page:
        page.locator("#architecture-picture svg").wait_for()
        save(page, "architecture")


def fail(clients: Clients, runs: Runs, name: str) -> str:
    """Do a run that fails for one of its people, and return its job."""
    code = HANDLER.format(module="post_process_single")
    break_function(clients, "postProcessSingle", code)
    clients.lambda_.update_function_event_invoke_config(FunctionName="postProcessSingle", MaximumRetryAttempts=0)
    job = runs.start(people=PEOPLE, seed=SEED, how={name: "raise"})
    runs.fail(job)
    mend(clients)
    return job


@contextmanager
def opened(browser: Browser, url: str, theme: str, height: int) -> Iterator[Page]:
    """A page in a theme, complete."""
    context = browser.new_context(color_scheme=theme, viewport={"width": WIDTH, "height": height})  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    page = context.new_page()
    page.goto(url)
    page.locator('#connection:is([data-state="live"], [data-state="ended"])').wait_for()
    yield page
    context.close()


def save(page: Page, name: str) -> None:
    """Take a picture of what is in the window."""
    page.evaluate("scrollTo(0, 0)")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")


if __name__ == "__main__":
    sys.exit(main())
