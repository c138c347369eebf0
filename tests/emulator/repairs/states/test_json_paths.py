"""What a JSONPath leads to."""

from typing import Any

import pytest
from localstack.services.stepfunctions.asl.utils.json_path import NoSuchJsonPathError

from emulator.repairs.states.json_paths import extract
from tests.emulator.repairs.states.conftest import Machines

DATA = {
    "items": [{"s": "A", "n": 1, "my-key": 1}, {"s": "B", "n": 2}, {"s": "B", "n": 3}],
    "größe": 3,
    r'a\""b"': 4,
    "none": [],
    "a": {"b": {"c": None}},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.items[0].n", 1),
        ("$.items[-1].n", 3),
        ("$['items'][1]['s']", "B"),
        ("$.a.b.c", None),
        ("$.größe", 3),
        (r"""$['a\""b"']""", 4),
        ("$.items[0].my-key", 1),
        ("$.items[*].n", [1, 2, 3]),
        ("$.items[?(@.s == 'A')].n", [1]),
        ("$.items[?(@.s == 'B')].n", [2, 3]),
        ("$.items[?(@.s == 'C')]", []),
        ("$.items[?(@.s == 'B' && @.n > 2)].n", [3]),
        ("$.items[?(@.n < 2 || @.n > 2)].n", [1, 3]),
        ("$.[?(@.b)].b", [{"c": None}]),
        ("$.items[0:1].n", [1]),
        ("$.items[0,2].n", [1, 3]),
        ("$.items[*].my-key", [1]),
        ("$.none[*]", []),
        ("$.gone[*].n", []),
        ("$.gone[1:]", []),
        ("$[*].gone", []),
        ("$..n", [1, 2, 3]),
    ],
)
def test_a_path_to_several_places_is_a_list_however_many_there_are(path: str, found: Any) -> None:
    assert extract(path, DATA) == found


@pytest.mark.parametrize("path", ["$.gone", "$.items[3]", "$.größe.a", "$.items.n", "$[0]", "$.none[0]", "$[1:2]"])
def test_a_path_to_one_place_fails_where_nothing_is(path: str) -> None:
    with pytest.raises(NoSuchJsonPathError):
        extract(path, DATA)


def test_states_and_functions_find_the_same(machines: Machines) -> None:
    path = "$.items[?(@.s == 'A')].n"
    asked = {"a.$": path, "b.$": f"States.ArrayLength({path})", "c.$": f"$$.Execution.Input{path[1:]}"}
    ended = machines.run({"Type": "Pass", "Parameters": asked, "End": True}, given=DATA)
    assert ended["output"] == '{"a":[1],"b":1,"c":[1]}'
