"""A run as a tree of causes on a terminal: states, the events they emit, who handled these, and what came of that."""

import json
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime

from rich.text import Text
from rich.tree import Tree

from observatory.records.consumers import WAITED_FOR
from observatory.records.executions import StateRun
from observatory.records.history import MAP_STEP, PERSON_STATE
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.story.story import Story
from observatory.terminal.tables import printable

# What events carry on or is told elsewhere; the rest is what an event adds.
CARRIED_ON = {"TaskToken", "execution", "stateMachine", "stateName", "job", "start", "meta", "name", "profile"}
FAILURE = "failure"
ADDED_CHARACTERS = 60
STATUS_STYLES = {"SUCCEEDED": "green", "RUNNING": "yellow"}


def story_tree(story: Story, people: Sequence[StateRun]) -> Tree:
    """Draw a run.

    Args:
        story: The run.
        people: The runs of the Map's state to be drawn; the others are counted.
    """
    return _StoryTree(story).draw(people)


def pick_people(story: Story, limit: int | None) -> tuple[StateRun, ...]:
    """Choose whom to draw: those in trouble before those who took long; None for all.

    Returns:
        Them in the order of their turns.
    """
    everyone = [state for state in story.states if state.state == PERSON_STATE]
    if limit is None:
        return tuple(everyone)

    def trouble(state: StateRun) -> tuple[bool, bool, float]:
        return (state.failed is not None, state.is_open, _seconds(state.entered, state.exited or story.ended))

    chosen = sorted(everyone, key=trouble, reverse=True)[:limit]
    return tuple(sorted(chosen, key=lambda state: state.entered))


class _StoryTree:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._began = story.execution.started

    def draw(self, people: Sequence[StateRun]) -> Tree:
        story, execution = self._story, self._story.execution
        status = Text(execution.status, STATUS_STYLES.get(execution.status, "red"))
        seconds = _seconds(execution.started, story.ended)
        tree = Tree(Text.assemble(f"run {story.job} ", status, f" {seconds:.2f} s, began {_utc(self._began)} UTC"))
        if start := story.event_by_id.get(story.job):
            tree.add(_text(f"start {json.dumps(start.detail, ensure_ascii=False):.{ADDED_CHARACTERS}}"))
        for state in story.states:
            if state.person is None:
                branch = tree.add(self._state(state))
                self._add_event(branch, state)
                if state.state == MAP_STEP:
                    self._add_people(branch, people)
        for invocation in story.invocations_by_event.get(None, ()):
            tree.add(Text.assemble("of no known event: ", self._invocation(invocation)))
        return tree

    def _add_people(self, branch: Tree, people: Sequence[StateRun]) -> None:
        for state in people:
            self._add_event(branch.add(self._state(state)), state)
        others = sum(state.state == PERSON_STATE for state in self._story.states) - len(people)
        if others:
            branch.add(Text(f"and {others} more people (--all shows them)", "dim"))

    def _state(self, state: StateRun) -> Text:
        end = state.exited or state.failed
        label = _text(state.person or state.state, "bold")
        label.append(f"  {self._since(state.entered)}  {_seconds(state.entered, end or self._story.ended):.2f} s")
        if state.error:
            how = "" if self._is_told_below(state) else f": {state.error}"
            label.append_text(_text(f"  failed{how}", "red"))
        elif state.is_open:
            label.append("  waits" if self._story.execution.status == "RUNNING" else "  was not left", "yellow")
        return label

    def _is_told_below(self, state: StateRun) -> bool:
        """Whether an invocation that made a state fail says how; of a timeout, none does."""
        if str(state.error).startswith("States."):
            return False
        events = self._story.chain(state)
        invocations = [one for event in events for one in self._story.invocations_by_event.get(event.id, ())]
        return any(one.error and one.function in WAITED_FOR for one in invocations)

    def _add_event(self, branch: Tree, state: StateRun) -> None:
        for event_id in state.event_ids:
            if event := self._story.event_by_id.get(event_id):
                self._add(branch, event)
            else:
                branch.add(Text(f"event {event_id} is not in the ledger", "red"))

    def _add(self, branch: Tree, event: Event) -> None:
        node = branch.add(self._event(event))
        effects = self._story.effects.get(event.id, ())
        for invocation in self._story.invocations_by_event.get(event.id, ()):
            below = node.add(self._invocation(invocation, event))
            for effect in effects:
                if self._story.emitter(effect) is invocation:
                    self._add(below, effect)
        # The log of an invocation comes later than its event.
        for effect in effects:
            if self._story.emitter(effect) is None:
                self._add(node.add(_text(f"{effect.function}, not reported yet")), effect)
        self._add_missing(node, event)

    def _add_missing(self, node: Tree, event: Event) -> None:
        known = {one.function for one in self._story.invocations_by_event.get(event.id, ())}
        known |= {str(effect.function) for effect in self._story.effects.get(event.id, ())}
        for consumer in self._story.consumers_of(event):
            if consumer.kind == "function" and consumer.name not in known:
                mark = " (side effect)" if consumer.is_side_effect else ""
                node.add(_text(f"{consumer.name}{mark} has not reported yet", "yellow"))

    def _event(self, event: Event) -> Text:
        machines = [consumer.name for consumer in self._story.consumers_of(event) if consumer.kind == "machine"]
        label = _text(event.type, "cyan")
        label.append(f"  {self._since(event.emitted)}")
        emitter = self._story.emitter(event)
        told = {FAILURE} if emitter and emitter.error else set()
        label.append_text(_text("".join(f"  → {name}" for name in machines) + "".join(_added(event, told))))
        return label

    def _invocation(self, invocation: Invocation, event: Event | None = None) -> Text:
        consumers = [consumer for consumer in self._story.consumers if consumer.name == invocation.function]
        side = any(consumer.is_side_effect for consumer in consumers)
        label = _text(invocation.function, "magenta" if side else "bold blue")
        label.append(" (side effect)" if side else "", "magenta")
        label.append(f"  {self._since(invocation.started)}")
        label.append("  running" if invocation.milliseconds is None else f"  {invocation.milliseconds:.0f} ms")
        if event:
            label.append(f", waited {1000 * _seconds(event.emitted, invocation.started):.0f} ms")
        if invocation.init_milliseconds is not None:
            label.append(f", cold start {invocation.init_milliseconds:.0f} ms")
        if invocation.error:
            label.append_text(_text(f"  {invocation.error}", "red"))
        return label

    def _since(self, moment: datetime) -> str:
        return f"+{_seconds(self._began, moment):.3f}"


def _added(event: Event, told: Set[str]) -> Iterator[str]:
    for key, value in event.detail.items():
        if key not in CARRIED_ON | told:
            shown = f"{len(value)} of them" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
            yield f"  {key} {shown:.{ADDED_CHARACTERS}}"


def _text(text: str, style: str = "") -> Text:
    shown = printable(text)
    shown.stylize(style)
    return shown


def _seconds(began: datetime, ended: datetime) -> float:
    """Not below zero: two clocks may disagree."""
    return max((ended - began).total_seconds(), 0.0)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
