"""What is left as it is while a run goes on: the focus, what somebody opened or types; and logs, to their ends."""

import pytest
from playwright.sync_api import Page, expect

LINE = {"at": 5, "function": "work", "level": "INFO", "message": "the last line", "fields": {}, "ofLambda": False}


@pytest.mark.parametrize(
    ("ran", "how"),
    [("true", "that ends while it is read"), ("false", "that had ended before its log was there")],
)
def test_the_log_is_read_to_its_end_of_a_step(page: Page, url: str, ran: str, how: str) -> None:
    answers = [[LINE], []]
    page.route("**/log?*", lambda route: route.fulfill(json={"lines": answers.pop() if answers else [LINE]}))
    page.goto(f"{url}nope")
    page.evaluate(f"""async () => {{
      const {{ Log }} = await import("/static/run/log.js");
      const log = new Log("a run", {{ state: 1 }});
      document.body.append(log.place);
      log.read({ran});
      log.read(false);
    }}""")
    expect(page.locator(".log"), f"of a step {how}").to_contain_text("the last line")
