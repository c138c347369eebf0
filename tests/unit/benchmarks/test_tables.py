from benchmarks import ministack
from benchmarks.results import Failure, Results
from benchmarks.subjects import SANDBOX, STOCK
from benchmarks.tables import render
from benchmarks.targets import outcomes
from benchmarks.works import EDIT, memory_after, warm_run


def rendered(results: Results) -> list[str]:
    return render(results, outcomes(results)).splitlines()


def some_results() -> Results:
    return Results((SANDBOX, STOCK, ministack.NAME), {"CPU": "a fast one", "cores": "2"})


def test_a_row_has_medians_ranges_and_ratios() -> None:
    results = some_results()
    for subject, values in ((SANDBOX, (1.0, 3.0, 2.0)), (ministack.NAME, (4.0,))):
        for value in values:
            results.add(warm_run(5, 2), subject, value)
    row = "| warm run, 5 people, 2 at a time | 2.00 s (3: 1.00–3.00) | – | 4.00 s (1: 4.00–4.00) | – | 0.50 |"
    assert row in rendered(results)


def test_memory_has_its_own_unit() -> None:
    results = some_results()
    results.add(memory_after(5, 40), SANDBOX, 812.4)
    assert any("812 MiB (1: 812–812)" in line for line in rendered(results))


def test_targets_say_whether_they_are_met() -> None:
    results = some_results()
    results.add(EDIT, SANDBOX, 1.5)
    lines = rendered(results)
    assert f"| {EDIT} | at most 1 s | 1.50 s | **no** |" in lines
    assert sum("not measured" in line for line in lines) == 11


def test_machine_and_failures_are_named() -> None:
    results = some_results()
    results.failures.append(Failure(ministack.NAME, "warm run, 500 people, 40 at a time", "it died"))
    lines = rendered(results)
    assert lines[0] == "CPU a fast one, cores 2"
    assert lines[-1] == "MiniStack failed: warm run, 500 people, 40 at a time: it died"
