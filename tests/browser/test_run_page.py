"""One run in a browser: its workflow, its events, its objects, and sending an event again."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bootstrap.clients import Clients
from bootstrap.stack import STACK
from testkit.breaking import break_function
from tests.e2e.breaking import mend
from tests.e2e.runs import Run, Runs

HOSTILE = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"
# JavaScript has no such number: it takes it for one less.
LONG_NUMBER = 2**53 + 1


def open_view(page: Page, url: str, job: str, view: str) -> None:
    """Open a run, and one of its tabs."""
    page.goto(f"{url}runs/{job}")
    page.get_by_role("tab", name=view).click()


def test_the_states_of_the_workflow_have_the_colours_of_how_they_are(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    picture = page.locator("#workflow-picture")
    for state in ("GetMultiple", "ProcessSingle", "PostProcessAll", "Success"):
        expect(picture.locator(".node.succeeded").get_by_text(state, exact=True)).to_be_visible()
    expect(picture.get_by_text("StoreFailure")).to_have_count(0)
    page.get_by_label("states that only errors lead to").check()
    expect(picture.locator(".node.idle").get_by_text("StoreFailure")).to_be_visible()
    done, idle = (
        picture.locator(f".node.{state} rect.label-container").first.evaluate("box => getComputedStyle(box).stroke")
        for state in ("succeeded", "idle")
    )
    assert done == "rgb(29, 115, 65)"
    assert idle != done
    steps = page.locator("#steps tbody tr")
    names = ("GetMultiple", "ProcessMultiple", "PostProcessAll", "Success")
    expect(steps).to_have_text([re.compile(f"^{name}SUCCEEDED") for name in names])


def test_the_people_of_a_run_have_their_cookies(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    rows = page.locator("#items tbody tr")
    expect(rows).to_have_count(4)
    # Rows are there a moment before they are shown.
    expect(rows.first).to_be_visible()
    assert sorted(rows.locator("th").all_text_contents()) == sorted(run.report["names"])
    cookies = [int(text) for text in rows.locator("td:nth-of-type(2)").all_text_contents()]
    assert sum(cookies) == run.report["totalCookiesConsumed"]


def test_the_events_are_found_by_anything_in_their_json(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Events")
    name = run.report["names"][0]
    page.get_by_label("Search in the events' JSON").fill(f'"name":"{name}"')
    expect(page.locator("#found")).to_have_text(re.compile("^4 of "))
    types = page.locator("#event-list .type")
    assert sorted(types.all_inner_texts()) == ["async.done", "done", "getUserCookies", "getUserProfile"]
    page.get_by_label("Type", exact=True).select_option("getUserCookies")
    expect(types).to_have_text(["getUserCookies"])
    types.click()
    shown: dict[str, Any] = json.loads(page.locator("#event-list pre").text_content() or "")
    assert shown["detail"]["name"] == name
    assert shown["detail"]["job"] == run.job


def test_what_is_in_an_event_is_shown_as_text(page: Page, url: str, account: Clients, runs: Runs) -> None:
    run = runs.run(people=1, seed="hostile")
    detail = {"job": run.job, "name": HOSTILE, "meta": {"fn": HOSTILE}}
    entry = {"Source": STACK.source, "DetailType": "<i>type</i>", "Detail": json.dumps(detail)}
    account.events.put_events(Entries=[entry])  # type: ignore[list-item]  # the stubs want the keys one by one
    open_view(page, url, run.job, "Events")
    item = page.locator("#event-list details").filter(has_text="<i>type</i>")
    expect(item.locator(".item")).to_have_text(HOSTILE)
    item.locator("summary").click()
    expect(item.locator("pre")).to_contain_text(json.dumps(HOSTILE))
    for view in ("Timeline", "Workflow", "Results"):
        page.get_by_role("tab", name=view).click()
    page.goto(f"{url}architecture")
    expect(page.locator("#edges tbody tr").filter(has_text="<i>type</i>").first).to_be_visible()
    expect(page.locator("#architecture-picture svg")).to_be_visible()
    assert page.locator("main script, main img, main i").count() == 0
    assert page.evaluate("window.hacked") is None


@pytest.fixture
def silent(account: Clients) -> Iterator[None]:
    """The first function says nothing."""
    break_function(account, "getMultiple", "def lambda_handler(event, context):\n    pass\n")
    yield
    mend(account)


@pytest.mark.usefixtures("silent")
def test_a_run_that_waits_says_why_as_soon_as_that_is_known(page: Page, url: str, runs: Runs) -> None:
    job = runs.start(people=1)
    page.goto(f"{url}runs/{job}")
    waits = page.get_by_role("region", name="What it waits for")
    expect(waits.get_by_role("button", name="GetMultiple")).to_be_visible()
    expect(waits).to_contain_text("getMultiple ended and emitted nothing")
    expect(waits).to_contain_text("last event getUsers at +")
    waits.get_by_role("button", name="getUsers").click()
    expect(page.get_by_role("complementary", name="getUsers")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop …").click()
    page.get_by_role("dialog", name="Stop this run").get_by_role("button", name="Stop it").click()
    headline = page.get_by_role("region", name="What failed").locator(".headline")
    expect(headline).to_contain_text("GetMultiple waited")
    expect(headline).to_contain_text("in vain (Stopped: stopped from the page): getMultiple ended and emitted nothing")


def test_the_report_and_every_object_can_be_read(page: Page, url: str, runs: Runs, run: Run) -> None:
    open_view(page, url, run.job, "Results")
    expect(page.locator("#report pre")).to_contain_text('"numberOfPeople": 4')
    objects = runs.objects(run)
    for name, content in objects.items():
        item = page.locator("#object-list details").filter(has=page.get_by_text(name, exact=True))
        item.locator("summary").click()
        expect(item.locator("pre")).to_have_text(json.dumps(content, indent=2, ensure_ascii=False))
    expect(page.locator("#object-list details")).to_have_count(len(objects))


def test_an_event_can_be_edited_and_sent_again(page: Page, url: str, run: Run) -> None:
    open_view(page, url, run.job, "Events")
    page.get_by_label("Type", exact=True).select_option("async.done")
    events = page.locator("#event-list details")
    expect(events).to_have_count(4)
    events.first.locator("summary").click()
    page.get_by_role("button", name="Send again …").click()
    dialog = page.get_by_role("dialog", name="Send this event again")
    detail = dialog.get_by_label("Detail, JSON")
    whole = detail.input_value()
    detail.fill("{")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The detail is no JSON")
    detail.fill(json.dumps(json.loads(whole) | {"edited": "by hand"}))
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).not_to_be_visible()
    news = page.locator("#messages [data-kind=news]")
    expect(news).to_contain_text("Sent async.done again")
    news.get_by_role("button", name="Put away").click()
    expect(news).to_have_count(0)
    expect(events).to_have_count(5)
    events.last.locator("summary").click()
    expect(events.last.locator("pre")).to_contain_text('"edited": "by hand"')


def test_a_number_of_any_length_is_shown_sent_again_and_started_with_to_its_last_digit(
    page: Page, url: str, runs: Runs
) -> None:
    job = runs.start(people=0, order=LONG_NUMBER)

    def order_of_the_run_that_is_open() -> Any:
        page.wait_for_url(lambda address: job not in address and "/runs/" in address)
        answer = page.request.get(f"{url}api/runs/{page.url.rpartition('/')[2]}/start")
        return answer.json()["detail"]["order"]

    open_view(page, url, job, "Events")
    expect(page.locator("#summary div").filter(has_text="Order").locator("dd")).to_have_text(str(LONG_NUMBER))
    page.get_by_label("Type", exact=True).select_option("start")
    expect(page.locator("#event-list li")).to_have_count(1)
    page.locator("#event-list summary").click()
    expect(page.locator("#event-list pre")).to_contain_text(f'"order": {LONG_NUMBER}')
    page.get_by_role("button", name="Send again …").click()
    page.get_by_role("dialog", name="Send this event again").get_by_role("button", name="Send").click()
    page.get_by_role("link", name="open its run").click()
    assert order_of_the_run_that_is_open() == LONG_NUMBER
    page.goto(f"{url}?like={job}")
    expect(page.get_by_label("Detail, JSON")).to_have_value(re.compile(f'"order": {LONG_NUMBER}'))
    page.get_by_role("button", name="Fire a start event").click()
    assert order_of_the_run_that_is_open() == LONG_NUMBER
    page.goto(f"{url}?text={job}")
    expect(page.locator(f'#runs tr[data-key="{job}"] .why')).to_contain_text(f"order: {LONG_NUMBER}")


def test_a_run_can_be_done_again_with_the_same_people_and_cookies(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}runs/{run.job}")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda address: run.job not in address and "/runs/" in address)
    expect(page.locator("#summary .badge")).to_have_text("SUCCEEDED")
    expect(page.locator("#items tbody tr")).to_have_count(4)
    expect(page.locator("#items tbody tr").first).to_be_visible()
    assert sorted(page.locator("#items tbody th").all_inner_texts()) == sorted(run.report["names"])
    expect(page.locator("#summary div").filter(has_text="Cookies")).to_contain_text(
        str(run.report["totalCookiesConsumed"])
    )


def test_what_was_denied_is_shown_with_the_statement_that_would_allow_it(
    page: Page, url: str, account: Clients, runs: Runs
) -> None:
    role = account.iam.get_role(RoleName=f"sideEffectRole-{account.settings.region}")["Role"]["RoleName"]
    deny: dict[str, Any] = {"Effect": "Deny", "Action": "events:PutEvents", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    account.iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=document)
    try:
        job = runs.run(people=1).job
        page.goto(f"{url}runs/{job}")
        denials = page.locator("#denials li")
        expect(denials).to_contain_text("sideEffect may not events:PutEvents on arn:aws:events:")
    finally:
        account.iam.delete_role_policy(RoleName=role, PolicyName="denied")
    expect(denials).to_contain_text("(once no Deny is left) this would allow it")
    statement: dict[str, Any] = json.loads(denials.locator("pre").text_content() or "")
    assert (statement["Effect"], statement["Action"]) == ("Allow", "events:PutEvents")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    denials.get_by_role("button", name="Copy").click()
    expect(denials.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == statement
