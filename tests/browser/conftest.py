"""A browser, and the pages of a real sandbox in it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect

from bootstrap import deploy
from bootstrap.clients import Clients
from testkit.breaking import break_function
from testkit.waiting import DEADLINE_SECONDS, wait_for
from tests.browser.chromium import ChromiumMissingError, running_chromium
from tests.browser.web_server import running_web
from tests.e2e.breaking import mend
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Run, Runs

MILLISECONDS = 1000
WINDOW = {"width": 1360, "height": 900}

expect.set_options(timeout=DEADLINE_SECONDS * MILLISECONDS)

# Nobody's cookies are counted before there is an object that is called after the run.
WAITS = """
import os
import time

import boto3
from botocore.exceptions import ClientError
from handlers.post_process_single import lambda_handler as handle


def lambda_handler(event, context):
    bucket = boto3.client("s3")
    while True:
        try:
            bucket.head_object(Bucket=os.environ["BUCKET"], Key=event["detail"]["job"])
            break
        except ClientError:
            # Who may not list a bucket is not told whether there is such an object.
            time.sleep(0.5)
    handle(event, context)
"""


# The scope is the package's: while Playwright runs, no other test in this process could run an event loop.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; where all tests have to run, one that is missing is a failure."""
    try:
        with running_chromium() as browser:
            yield browser
    except ChromiumMissingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="package")
def account(request: pytest.FixtureRequest) -> Clients:
    """A bootstrapped account, without Docker, or where the end-to-end tests are told to go."""
    given = os.environ.get("AWS_ENDPOINT_URL")
    clients = clients_of(given or request.getfixturevalue("localstack").endpoint_url)
    deploy.up(clients, on_change=lambda *_: None)
    return clients


@pytest.fixture(scope="package")
def url(account: Clients) -> Iterator[str]:
    """Where the pages are, with a slash at the end."""
    with running_web(account) as url:
        yield url


@pytest.fixture(scope="package")
def tab(chromium: Browser) -> Page:
    """One tab for all tests: once it has compiled the pages' megabytes of scripts, it need not do so again."""
    context = chromium.new_context(viewport={"width": WINDOW["width"], "height": WINDOW["height"]})
    context.set_default_timeout(DEADLINE_SECONDS * MILLISECONDS)
    return context.new_page()


@contextmanager
def watched(tab: Page) -> Iterator[Page]:
    """The tab, with nothing in it; nothing may go wrong in it that nobody sees. The pages store nothing."""
    mistakes: list[str] = []

    def on_error(error: Error) -> None:
        mistakes.append(str(error))

    def on_message(message: ConsoleMessage) -> None:
        mistakes.extend(_mistakes(message))

    tab.on("pageerror", on_error)
    tab.on("console", on_message)
    yield tab
    tab.unroute_all()
    tab.emulate_media(color_scheme="light")
    tab.goto("about:blank")
    tab.remove_listener("pageerror", on_error)
    tab.remove_listener("console", on_message)
    assert mistakes == []


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The tab, for one test."""
    with watched(tab) as page:
        yield page


def _mistakes(message: ConsoleMessage) -> list[str]:
    """An answer that is no success is no mistake: the page shows it, and so it does a server that is gone."""
    return [message.text] if message.type == "error" and "Failed to load resource" not in message.text else []


@pytest.fixture(scope="package")
def runs(account: Clients) -> Runs:
    """Starts runs and finds what they left."""
    return Runs(account)


@pytest.fixture(scope="package")
def run(runs: Runs, url: str) -> Run:
    """A run that has succeeded, with its side effects, all of which the pages know."""
    run = runs.run(people=4, seed="browser")
    wait_for("all of its story", lambda: _told(f"{url}api/runs/{run.job}")["complete"])
    return run


def _told(url: str) -> Any:
    with urlopen(url) as answer:  # noqa: S310 - on this machine
        return json.load(answer)


@pytest.fixture
def let_go(account: Clients) -> Iterator[Callable[[str], object]]:
    """Lets a run go on, which without it waits in the middle."""
    break_function(account, "postProcessSingle", WAITS, Timeout=300)
    yield lambda job: account.s3.put_object(Bucket=account.bucket, Key=job)
    mend(account)
