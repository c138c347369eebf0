"""The pages for a workflow that is not the cookies: the orders, with a Parallel and a Map in a Map."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bootstrap import deploy
from bootstrap.clients import Clients
from tests.browser.web_server import running_web
from tests.e2e.test_orders import ORDER, Orders


@dataclass(frozen=True)
class Shop:
    """Where the orders' pages are, with a slash at the end, and what places orders."""

    url: str
    orders: Orders

    def place(self, **changed: Any) -> str:
        """Place an order, wait for its end, and return its run's id."""
        execution = self.orders.place({**ORDER, **changed})
        self.orders.end_of(execution)
        return execution.rpartition(":")[2]


@pytest.fixture(scope="module")
def shop(account: Clients) -> Iterator[Shop]:
    clients = Clients(replace(account.settings, stack="examples.orders.stack", bucket=None))
    deploy.up(clients, on_change=lambda _change: None)
    with running_web(clients) as url:
        yield Shop(url, Orders(clients))
    deploy.down(clients, on_change=lambda _change: None)


def test_an_order_is_drawn_with_its_branches_and_its_map_in_a_map(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}runs/{shop.place()}")
    picture = page.locator("#workflow-picture")
    for state in ("ReserveStock", "ChargeCard", "LabelParcel", "ShipOrder", "Shipped"):
        expect(picture.locator(".node.succeeded").get_by_text(state, exact=True)).to_be_visible()
    expect(picture.get_by_text("PackParcels 2 of 2")).to_be_visible()
    expect(picture.get_by_text("PickItems 3 of 3")).to_be_visible()
    for parcel in ("parcel 1", "parcel 2"):
        expect(page.locator("main").get_by_text(parcel, exact=True).first).to_be_visible()


def test_a_declined_card_is_the_one_failure_and_what_made_it_good_is_shown(page: Page, shop: Shop) -> None:
    page.goto(f"{shop.url}runs/{shop.place(card='declined')}")
    expect(page.get_by_text(re.compile("chargeCard failed.*: CardDeclinedError"))).to_have_count(1)
    picture = page.locator("#workflow-picture")
    expect(picture.locator(".node.failed").get_by_text("ChargeCard")).to_be_visible()
    expect(picture.locator(".node.succeeded").get_by_text("ReleaseStock", exact=True)).to_be_visible()


def test_the_list_of_orders_has_the_columns_of_their_stack(page: Page, shop: Shop) -> None:
    job = shop.place()
    page.goto(shop.url)
    row = page.locator("tbody tr").filter(has_text=job[:8])
    expect(row).to_contain_text("SUCCEEDED")
    expect(row).to_contain_text("3280")
    expect(page.get_by_label("Start event")).to_contain_text("orderReopened")


def test_orders_are_found_by_their_input_and_by_what_failed_them(page: Page, shop: Shop) -> None:
    declined = shop.place(card="declined")
    page.goto(f"{shop.url}?text=declined&error=carddeclined")
    row = page.locator("#runs tbody tr").filter(has_text=declined[:8])
    expect(row.locator(".why")).to_contain_text("chargeCard failed: CardDeclinedError")
    cells = dict(zip(page.locator("#runs thead th").all_inner_texts(), row.locator("th, td").all(), strict=True))
    expect(cells["Failed"]).to_have_text("1")
    page.goto(f"{shop.url}runs/{declined}")
    expect(page.locator("#summary div").filter(has_text="Failed for good").locator("dd")).to_have_text("1")


def test_the_carrier_s_account_is_a_frame_of_the_architecture(page: Page, shop: Shop) -> None:
    shop.place()
    page.goto(f"{shop.url}architecture")
    expect(page.get_by_text("111122223333").first).to_be_visible()
    expect(page.get_by_text("bookCarrier").first).to_be_visible()
