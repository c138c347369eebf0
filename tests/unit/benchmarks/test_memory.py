from benchmarks.memory import read_kibibytes

ROLLUP = """\
00400000-7ffd4b9f5000 ---p 00000000 00:00 0                              [rollup]
Rss:                9132 kB
Pss:                4321 kB
Pss_Dirty:          3000 kB
Private_Dirty:      2900 kB
"""


def test_what_is_shared_counts_in_proportion() -> None:
    assert read_kibibytes(ROLLUP) == 4321


def test_a_process_that_has_ended_holds_nothing() -> None:
    assert read_kibibytes("") == 0
