"""What a frozen function draws: the same for the same item, whatever came before it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from testkit import frozen_handler

DRAWS = """
import os, random, secrets, uuid

from faker import Faker

own = random.Random()
fake = Faker()


def lambda_handler(event, context):
    return [random.random(), own.random(), str(uuid.uuid4()), secrets.token_hex(4), os.urandom(4).hex(), fake.name()]
"""
ASKS = """
import json, sys
from types import SimpleNamespace
import frozen

context = SimpleNamespace(function_name="draw")
items = sys.argv[1:]
json.dump([frozen.lambda_handler({"detail": {"item": item}}, context) for item in items], sys.stdout)
"""


def draw(folder: Path, *items: str, seed: str = "frozen") -> list[list[object]]:
    """What a new process draws for items, one after the other."""
    (folder / "draws.py").write_text(DRAWS)
    (folder / "frozen.py").write_text(Path(frozen_handler.__file__).read_text())
    frozen = {frozen_handler.MODULE_VARIABLE: "draws", frozen_handler.SEED_VARIABLE: seed, "ITEM_KEY": "item"}
    done = subprocess.run(
        [sys.executable, "-c", ASKS, *items], cwd=folder, env=os.environ | frozen, capture_output=True, check=True
    )
    drawn: list[list[object]] = json.loads(done.stdout)
    return drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frozen")


def test_all_that_is_random_comes_out_the_same_in_any_order_and_process(folder: Path) -> None:
    ann, bob = draw(folder, "Ann", "Bob")
    assert draw(folder, "Bob", "Ann", "Bob") == [bob, ann, bob]
    assert all(one != other for one, other in zip(ann, bob, strict=True))


def test_another_seed_gives_other_values(folder: Path) -> None:
    (frozen,), (other,) = draw(folder, "Ann"), draw(folder, "Ann", seed="other")
    assert all(one != another for one, another in zip(frozen, other, strict=True))
