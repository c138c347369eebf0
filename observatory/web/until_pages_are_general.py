"""What the pages still read by the names of the example's own words; to go when they read what the stack says."""

from typing import Any

from observatory.records.states import StateRun
from observatory.runs.runs import Run
from observatory.story.story import Story


def summary_to_json_object(run: Run) -> dict[str, Any]:
    """Return a run's summary, with people and cookies."""
    progress = run.progress
    people = run.columns.get("people")
    done = progress.done if progress else (people or 0)
    return {
        **run.to_json_object(),
        "people": progress.total if progress and progress.total is not None else people,
        "peopleDone": done if run.is_running or run.execution.status == "SUCCEEDED" else 0,
        "cookies": run.columns.get("totalCookiesConsumed"),
        "seed": run.start.get("seed"),
    }


def state_as_before(story: Story, state: StateRun) -> dict[str, Any]:
    """Return a state's name, type and item under their old names."""
    return {"state": state.name, "kind": state.type, "person": story.item_label(state)}
