"""The architecture in a browser, as the events show it."""

from playwright.sync_api import Page, expect

from tests.e2e.runs import Run

EDGES = (
    ("project", "StartMachineRule", "start"),
    ("EventdrivenMachine", "processSingleRule", "getUserProfile"),
    ("processSingleRule", "processSingle", "getUserProfile"),
    ("sideEffectRule", "sideEffect", "getUserCookies"),
    ("FinisherRule", "StepFinisher", "done"),
)


def test_what_was_recorded_is_drawn_and_listed(page: Page, url: str, run: Run) -> None:
    page.goto(f"{url}architecture")
    edges = page.locator("#edges tbody tr")
    expect(edges.first).to_be_visible()
    listed = {tuple(row.locator("th, td").all_inner_texts()[:3]) for row in edges.all()}
    assert listed >= set(EDGES)
    counts = {texts[2]: int(texts[3]) for row in edges.all() if (texts := row.locator("th, td").all_inner_texts())}
    assert min(count for kind, count in counts.items() if not kind.endswith("(inferred)")) > 0
    picture = page.locator("#architecture-picture svg")
    expect(picture.get_by_text("postProcessAllRule", exact=True)).to_have_count(0)
    page.get_by_label("the rules of the bus").check()
    for name in ("EventdrivenMachine", "StepFinisher", "sideEffect", "postProcessAllRule"):
        expect(picture.get_by_text(name, exact=True)).to_be_visible()
    assert run.report["numberOfPeople"] <= max(counts.values())
