"""What a seed depends on."""

import os
import subprocess
import sys

import pytest

from handlers.shared.chance import SeedError, draw_number, seed_of
from tests.unit.handlers.samples import sample


def test_without_a_seed_each_execution_has_its_own() -> None:
    assert seed_of(sample("get_users")) == seed_of(sample("get_users"))
    assert seed_of(sample("get_users")) != seed_of(sample("get_users", execution="another"))


@pytest.mark.parametrize("seed", [0, -1, 7, "", "a seed", "🍪"])
def test_with_a_seed_the_execution_does_not_matter(seed: object) -> None:
    one, other = (sample("get_users", execution=execution, start={"seed": seed}) for execution in ("one", "other"))
    assert seed_of(one) == seed_of(other) != seed_of(sample("get_users", execution="one"))


def test_two_seeds_differ() -> None:
    assert seed_of(sample("get_users", start={"seed": 1})) != seed_of(sample("get_users", start={"seed": 2}))


def test_a_seed_typed_as_a_number_or_as_text_is_the_same() -> None:
    assert seed_of(sample("get_users", start={"seed": 7})) == seed_of(sample("get_users", start={"seed": "7"}))


def test_each_person_has_its_own() -> None:
    event = sample("get_users", start={"seed": 7})
    assert len({seed_of(event), seed_of(event, ""), seed_of(event, "Ann"), seed_of(event, "Bo")}) == 4


@pytest.mark.parametrize("seed", [True, 1.5, ["a"], {"a": 1}])
def test_another_kind_of_seed_is_an_error_that_shows_it(seed: object) -> None:
    with pytest.raises(SeedError) as caught:
        seed_of(sample("get_users", start={"seed": seed}))
    assert repr(seed) in str(caught.value)


def test_a_null_seed_is_no_seed() -> None:
    assert seed_of(sample("get_users", start={"seed": None})) == seed_of(sample("get_users"))


def test_numbers_reach_from_0_to_the_maximum() -> None:
    assert {draw_number(9, str(seed)) for seed in range(1000)} == set(range(10))


def test_a_number_is_the_same_in_every_process() -> None:
    code = "from handlers.shared.chance import draw_number; print(draw_number(10**9, 'a seed'))"
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        printed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert int(printed.stdout) == draw_number(10**9, "a seed")


def test_a_seed_about_half_a_surrogate_pair_can_be_drawn_with() -> None:
    assert 0 <= draw_number(9, seed_of(sample("get_users"), "\ud83d")) <= 9
