"""What the shop sells: prices, what a parcel holds, and orders to try it with."""

from dataclasses import dataclass
from random import Random

LINES_IN_A_PARCEL = 2
# More of one thing than the shop ever has.
MAX_QUANTITY = 9

PRICES_CENTS = {"mug": 1200, "teapot": 3400, "tea": 650, "biscuits": 490, "honey": 780, "strainer": 560}


@dataclass(frozen=True)
class Line:
    """So many of one thing."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """What somebody wants, and what they pay with."""

    id: str
    card: str
    lines: tuple[Line, ...]

    @property
    def amount_cents(self) -> int:
        """What it costs."""
        return sum(PRICES_CENTS[line.sku] * line.quantity for line in self.lines)

    def parcels(self) -> list[tuple[Line, ...]]:
        """The lines, as many together as a parcel holds."""
        starts = range(0, len(self.lines), LINES_IN_A_PARCEL)
        return [self.lines[start : start + LINES_IN_A_PARCEL] for start in starts]


def draw_order(seed: str) -> Order:
    """Draw an order that the shop can deliver."""
    random = Random(seed)  # noqa: S311  # tea, not secrets
    skus = random.sample(sorted(PRICES_CENTS), random.randint(2, len(PRICES_CENTS)))
    lines = tuple(Line(sku, random.randint(1, 3)) for sku in skus)
    return Order(f"A-{random.randint(1000, 9999)}", "visa", lines)
