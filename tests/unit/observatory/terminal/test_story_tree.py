"""A run as a tree on a terminal."""

from dataclasses import replace

from rich.console import Console

from observatory.records.reading_states import read_states
from observatory.terminal.story_tree import story_tree
from tests.unit.observatory.fakes import load_definition, load_history
from tests.unit.observatory.recordings import Recording


def test_each_try_of_a_map_has_its_own_items() -> None:
    states = read_states(load_history("retried_map"), load_definition("retried_map"), "item")
    story = replace(Recording("succeeded").tell(), states=states, events=(), invocations=())
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(story_tree(story, None))
    shown = [line.strip("│├└─ ") for line in capture.get().splitlines()[1:]]
    assert [" ".join(line.split()[:2]) if line.startswith("try") else line.split()[0] for line in shown] == [
        *("Each", "try 1", "a", "b", "c", "try 2", "a", "b", "c")
    ]
    assert [line.split()[4:5] for line in shown[2:5]] == [[], ["failed:"], ["aborted"]]
