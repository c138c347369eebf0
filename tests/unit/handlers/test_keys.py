"""Under which keys a run stores its objects."""

import re

import pytest

from handlers.keys import basic_key, final_key, report_key, safe

NASTY_NAMES = {
    "slash": "../../Ann/Lee",
    "backslash": "Ann\\Lee",
    "quote": 'Ann "The Cookie" Lee',
    "newline": "Ann Lee\n",
    "null": "Ann\0Lee",
    "percent": "Ann%20Lee",
    "plus": "Ann+Lee",
    "question mark": "Ann?Lee#1",
    "tilde": "Ann~Lee",
    "accent": "Zoë",
    "accent, decomposed": "Zoe\u0308",
    "digits of another script": "٣",
    "emoji": "🍪 Monster",
    "half a surrogate pair": "\ud83c",
    "right to left": "\u202eמרים",
    "101 characters": "a" * 101,
    "1,000 characters": "a" * 1000,
}


def test_the_keys_of_a_run_are_those_of_the_reference() -> None:
    assert basic_key("run", "Ann Lee") == "run/basic-Ann Lee.json"
    assert final_key("run", "Ann Lee") == "run/final-Ann Lee.json"
    assert report_key("run") == "run/0-cookies.json"


@pytest.mark.parametrize("name", ["Ann Lee", "Dr. Ann O'Lee-Diaz Jr.", "ann_2", "..", " ", "", "a" * 100])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert safe(name) == name


@pytest.mark.parametrize("name", NASTY_NAMES.values(), ids=NASTY_NAMES)
def test_any_other_name_becomes_its_safe_characters_and_a_digest(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9 ._'-]{1,40}~[0-9a-f]{16}", safe(name))


def test_a_name_is_still_readable_in_its_key() -> None:
    assert safe("Zoë/Lee") == "Zo__Lee~2eee8bee6354bfde"


def test_no_two_names_share_a_key() -> None:
    names = [*NASTY_NAMES.values(), "Ann Lee", "ann lee", "Ann Lee ", "Zo_", "Zoe", "a" * 100, "a" * 102, "", " "]
    # What a name is spelled as may be the name of another person.
    names += [safe(name) for name in NASTY_NAMES.values()]
    assert len({safe(name) for name in names}) == len(set(names)) == len(names)


def test_the_key_of_the_longest_name_fits_s3() -> None:
    longest_execution = "arn:aws:states:ap-southeast-1:000000000000:execution:EventdrivenMachine:" + "x" * 80
    assert all(len(final_key(longest_execution, name)) < 1024 for name in ("a" * 100, "🍪" * 100_000))
