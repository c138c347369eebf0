"""The architecture in a browser, as the events show it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from testkit.sandbox import running_server
from testkit.waiting import wait_for
from tests.browser.test_orders_pages import Shop
from tests.browser.test_orders_pages import shop as shop
from tests.browser.web_server import running_web
from tests.e2e.conftest import clients_of
from tests.e2e.runs import Run, Runs

NOT_SEEN = "(not seen yet)"

# Every label of an edge that lies on another one, or on a node.
OVERLAPS = """() => {
  const svg = document.querySelector("#architecture-picture svg");
  const boxes = (what) => [...svg.querySelectorAll(what)].map((one) => [one.textContent, one.getBoundingClientRect()]);
  const labels = boxes(".edgeLabel").filter(([text]) => text);
  const nodes = boxes(".node, .cluster-label");
  const depth = (one, other, from, to) => Math.min(one[to], other[to]) - Math.max(one[from], other[from]);
  const overlap = ([, one], [, other]) =>
    depth(one, other, "left", "right") > 1 && depth(one, other, "top", "bottom") > 1;
  return labels.flatMap((label, at) => {
    const others = [...labels.slice(at + 1), ...nodes];
    return others.filter((other) => overlap(label, other)).map(([text]) => `${label[0]} on ${text}`);
  });
}"""
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
    assert min(count for kind, count in counts.items() if not kind.endswith(("(inferred)", NOT_SEEN))) > 0
    picture = page.locator("#architecture-picture svg")
    expect(picture.get_by_text("postProcessAllRule", exact=True)).to_have_count(0)
    page.get_by_label("the rules of the bus").check()
    for name in ("EventdrivenMachine", "StepFinisher", "sideEffect", "postProcessAllRule"):
        expect(picture.get_by_text(name, exact=True)).to_be_visible()
    assert run.report["numberOfPeople"] <= max(counts.values())


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Clients]:
    """An account in which nothing has run yet."""
    with running_server(tmp_path, load_settings()) as server:
        clients = clients_of(server.endpoint_url)
        deploy.up(clients, on_change=lambda _change: None)
        yield clients


def test_what_is_wired_is_dashed_until_something_came_along(page: Page, fresh: Clients) -> None:
    def is_dashed(emitter: str, kind: str, taker: str) -> bool:
        listed = edges.filter(has_text=re.compile(f"^{emitter}{taker}{kind}"))
        return (listed.locator("td").all_inner_texts() or [""])[1].endswith(NOT_SEEN)

    with running_web(fresh) as url:
        page.goto(f"{url}architecture")
        edges, picture = page.locator("#edges tbody tr"), page.locator("#architecture-picture svg")
        expect(edges.first).to_be_visible()
        for emitter, taker, kind in EDGES:
            assert is_dashed(emitter, kind, taker), (emitter, kind, taker)
        lines = picture.locator("path.flowchart-link")
        dashed = picture.locator("path.flowchart-link.edge-pattern-dotted")
        expect(lines).to_have_count(dashed.count())
        expect(picture.get_by_text("getUserProfile", exact=True)).to_be_visible()
        frames = picture.locator(".node.side-effect path")
        assert set(frames.evaluate_all("all => all.map(one => getComputedStyle(one).strokeDasharray)")) == {"6px, 3px"}
        Runs(fresh).run(people=1)
        wait_for("its events", lambda: not any(is_dashed(one, kind, other) for one, other, kind in EDGES))
        expect(picture.get_by_text("getUserProfile × 1")).to_be_visible()
        assert dashed.count() < lines.count()


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_no_label_lies_on_another_or_on_a_node(page: Page, url: str, run: Run, shop: Shop, width: int) -> None:
    shop.place()
    size = page.viewport_size
    assert size and run
    page.set_viewport_size({"width": width, "height": 900})
    for address in (url, shop.url):
        page.goto(f"{address}architecture")
        expect(page.locator("#architecture-picture svg")).to_be_visible()
        assert page.evaluate(OVERLAPS) == []
        page.get_by_label("the rules of the bus").check()
        expect(page.locator("#architecture-picture .node.rule").nth(5)).to_be_visible()
        assert page.evaluate(OVERLAPS) == []
    page.set_viewport_size(size)


def test_accounts_are_frames_with_their_names_above_all_that_is_in_them(page: Page, shop: Shop) -> None:
    shop.place()
    page.goto(f"{shop.url}architecture")
    frames = page.locator("#architecture-picture .cluster")
    expect(frames).to_have_count(2)
    frame = frames.filter(has_text="111122223333")
    carrier = page.locator("#architecture-picture .node").filter(has_text="bookCarrier").first
    around, title, inside = (
        one.bounding_box() for one in (frame.locator("> rect"), frame.locator(".cluster-label"), carrier)
    )
    assert around and title and inside
    assert around["x"] <= inside["x"]
    assert title["y"] + title["height"] <= inside["y"]
    assert inside["y"] + inside["height"] <= around["y"] + around["height"]
