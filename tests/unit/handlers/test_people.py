"""The people that are invented."""

from handlers.people import draw_names, draw_profile


def test_no_two_of_2500_names_are_alike() -> None:
    assert len(set(draw_names(2500, "a seed"))) == 2500


def test_the_same_seed_gives_the_same_names_again() -> None:
    assert draw_names(20, "a seed") == draw_names(20, "a seed") != draw_names(20, "another seed")


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    assert draw_names(20, "a seed")[:5] == draw_names(5, "a seed")


def test_names_do_not_depend_on_what_was_drawn_before() -> None:
    expected = draw_names(20, "a seed")
    draw_names(100, "another seed")
    draw_profile("Ann Lee", "a third seed")
    assert draw_names(20, "a seed") == expected


def test_a_profile_has_name_company_and_city() -> None:
    profile = draw_profile("Ann Lee", "a seed")
    assert profile.keys() == {"name", "company", "city"}
    assert profile["name"] == "Ann Lee"
    assert profile["company"]
    assert profile["city"]


def test_the_same_seed_gives_the_same_profile_again() -> None:
    assert draw_profile("Ann Lee", "1") == draw_profile("Ann Lee", "1") != draw_profile("Ann Lee", "2")
