"""What a side effect could not handle: on the page of its run, in the architecture, and sent again by a click."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bootstrap.clients import Clients
from testkit.breaking import break_function
from tests.browser.test_accessibility import overflowing
from tests.e2e.breaking import ALWAYS_RAISES, EMITS_NOTHING, mend
from tests.e2e.runs import Runs


@pytest.fixture
def failing(account: Clients) -> Iterator[Runs]:
    """Runs whose side effect fails, and is not tried again."""
    break_function(account, "sideEffect", ALWAYS_RAISES)
    account.lambda_.update_function_event_invoke_config(FunctionName="sideEffect", MaximumRetryAttempts=0)
    yield Runs(account)
    mend(account)


def test_a_dead_letter_is_sent_again_once_its_function_is_mended(
    page: Page, url: str, account: Clients, failing: Runs
) -> None:
    run = failing.run(people=1)
    page.goto(f"{url}runs/{run.job}")
    letters = page.get_by_role("region", name="Dead letters", exact=True).first
    rows = page.locator("#dead-letters tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ValueError: no side effect today")
    assert overflowing(page) == []
    page.goto(f"{url}architecture")
    picture = page.locator("#architecture-picture svg")
    expect(picture.get_by_text("sideEffectDeadLetters")).to_be_visible()
    expect(picture.get_by_text("could not handle").first).to_be_visible()
    assert overflowing(page) == []
    parts = page.locator("#nodes tbody tr")
    expect(parts.filter(has_text="InvocationFailedRule")).to_have_count(1)
    failed = parts.filter(has=page.get_by_role("rowheader", name="sideEffect", exact=True)).locator("td").last
    expect(failed).to_have_text(re.compile(r"^[1-9]\d*$"))
    mend(account)
    page.goto(f"{url}runs/{run.job}?view=timeline")
    expect(letters).to_be_visible()
    clicked = "button => { button.click(); button.click(); return button.getAttribute('aria-busy'); }"
    assert rows.get_by_role("button", name="Send again").evaluate(clicked) == "true"
    expect(page.locator("#messages")).to_contain_text("to sideEffect again")
    expect(page.locator("#dead-letters")).to_be_hidden()
    expect(page.locator("#messages [data-kind=problem]")).to_have_count(0)
    tries = page.locator("#invocations tbody tr").filter(has=page.get_by_role("button", name="sideEffect"))
    expect(tries).to_have_count(2)


def test_the_next_try_of_a_function_that_emits_nothing_is_shown_too(
    page: Page, url: str, account: Clients, failing: Runs
) -> None:
    run = failing.run(people=1)
    page.goto(f"{url}runs/{run.job}?view=timeline")
    tries = page.locator("#invocations tbody tr").filter(has=page.get_by_role("button", name="sideEffect"))
    expect(tries).to_have_count(1)
    expect(page.locator("#completeness")).to_have_text("complete")
    break_function(account, "sideEffect", EMITS_NOTHING)
    page.locator("#dead-letters").get_by_role("button", name="Send again").click()
    expect(tries).to_have_count(2)
    expect(page.locator("#completeness")).to_have_text("complete")
