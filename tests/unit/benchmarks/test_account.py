from typing import Any

import pytest

from benchmarks.account import check_report
from benchmarks.errors import BenchmarkError

NAMES = ["Ann Lee", "Bob Ray", "Cy Poe"]


def report(names: list[str] = NAMES, people: int = 3, cookies: int = 12) -> dict[str, Any]:
    return {"names": names, "numberOfPeople": people, "totalCookiesConsumed": cookies}


def test_a_right_report_passes() -> None:
    check_report(report(), 3, [9, 3, 0])


@pytest.mark.parametrize(
    ("wrong", "cookies"),
    [
        (report(people=2), [9, 3, 0]),
        (report(names=NAMES[:2]), [9, 3, 0]),
        (report(names=["Ann Lee", "Ann Lee", "Cy Poe"]), [9, 3, 0]),
        (report(), [9, 3]),
        (report(cookies=11), [9, 3, 0]),
    ],
)
def test_a_report_that_is_wrong_anywhere_is_refused(wrong: dict[str, Any], cookies: list[int]) -> None:
    with pytest.raises(BenchmarkError):
        check_report(wrong, 3, cookies)
