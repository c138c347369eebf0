"""What a page says of the sandbox: true within seconds, in however many tabs."""

import os
import signal
import socket
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from bootstrap.clients import Clients
from testkit.ports import free_port
from tests.browser.web_server import running_web
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Run, Runs

MORE_TABS_THAN_CONNECTIONS = 8


def test_the_eighth_tab_loads_as_the_first_does_and_all_hear_the_same(
    chromium: Browser, url: str, run: Run, runs: Runs
) -> None:
    context = chromium.new_context()
    try:
        tabs = [context.new_page() for _tab in range(MORE_TABS_THAN_CONNECTIONS)]
        for tab in tabs:
            tab.goto(url)
            expect(tab.locator(f'#runs tr[data-key="{run.job}"]')).to_be_visible()
        job = runs.start(people=0)
        for tab in tabs:
            expect(tab.locator(f'#runs tr[data-key="{job}"]')).to_contain_text("SUCCEEDED")
    finally:
        context.close()


@pytest.fixture
def silent_endpoint() -> Iterator[str]:
    """Something that takes connections and never answers, as a sandbox that hangs does."""
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_sandbox_that_hangs_is_no_green_light(page: Page, silent_endpoint: str) -> None:
    with running_web(clients_of(silent_endpoint)) as url:
        page.goto(url)
        expect(page.locator("#connection")).to_have_text("the sandbox does not answer")
        expect(page.locator("#messages")).to_contain_text("the sandbox does not answer: is it busy, or does it hang?")


def test_a_sandbox_that_was_killed_is_no_green_light(page: Page) -> None:
    port = free_port()
    with running_web(clients_of(f"http://127.0.0.1:{port}")) as url:
        page.goto(url)
        expect(page.locator("#connection")).to_have_text("the sandbox does not answer")
        expect(page.locator("#messages")).to_contain_text(f"nothing listens at http://127.0.0.1:{port}")


def test_a_server_that_hangs_is_no_green_light_and_one_that_goes_on_is(page: Page, account: Clients) -> None:
    port = free_port()
    light = page.locator("#connection")
    with running_web(account, port) as url:
        page.goto(url)
        expect(light).to_have_text("live")
        (process,) = (child for child in psutil.Process().children() if f"{port}" in child.environ().values())
        os.kill(process.pid, signal.SIGSTOP)
        try:
            expect(light).to_contain_text("no word for")
        finally:
            os.kill(process.pid, signal.SIGCONT)
        expect(light).to_have_text("live")


def test_a_run_that_there_is_not_gets_a_page_that_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}runs/nope")
    expect(page.get_by_role("heading", name="No such run")).to_be_visible()
    expect(page.locator("#unknown")).to_contain_text("no run 'nope'")
    expect(page.get_by_role("button", name="Run again")).to_have_count(0)
    expect(page.locator("#connection")).to_have_text("live")
    page.get_by_role("link", name="Show the runs").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()


def test_a_page_that_there_is_not_says_where_to_go_on(page: Page, url: str) -> None:
    page.goto(f"{url}nothing/here")
    expect(page.get_by_role("heading", name="There is no page /nothing/here")).to_be_visible()
    page.get_by_role("link", name="Show the architecture").click()
    expect(page.get_by_role("heading", name="Architecture")).to_be_visible()


def test_a_double_click_starts_one_run_and_shows_that_it_does(page: Page, url: str, runs: Runs) -> None:
    page.goto(url)
    before = len(runs.executions())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    button = page.get_by_role("button", name="Fire a start event")
    page.get_by_label("People", exact=True).fill("0")
    clicked = "button => { button.click(); button.click(); return button.getAttribute('aria-busy'); }"
    assert button.evaluate(clicked) == "true"
    page.wait_for_url("**/runs/*")
    assert len(asked) == 1
    assert len(runs.executions()) == before + 1
