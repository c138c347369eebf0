"""Invented people: their names, and what there is to know about one of them."""

from faker import Faker

# Only these providers are packed, and only in this language.
FAKER = Faker("en_US", providers=["faker.providers.address", "faker.providers.company", "faker.providers.person"])


def draw_names(count: int, seed: str) -> list[str]:
    """Draw names of which no two are alike; a longer list begins with the shorter one of the same seed."""
    FAKER.seed_instance(seed)
    # It draws again when a name is taken, and gives up after a thousand that are.
    FAKER.unique.clear()
    return [FAKER.unique.name() for _ in range(count)]


def draw_profile(name: str, seed: str) -> dict[str, str]:
    """Draw where a person works and lives."""
    FAKER.seed_instance(seed)
    return {"name": name, "company": FAKER.company(), "city": FAKER.city()}
