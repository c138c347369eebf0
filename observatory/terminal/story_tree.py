"""A run as a tree of causes on a terminal: states, the events they emit, who handled these, and what came of that."""

import json
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime

from rich.text import Text
from rich.tree import Tree

from observatory.records.consumers import FUNCTION, MACHINE
from observatory.records.invocations import Invocation
from observatory.records.ledger import Event
from observatory.records.states import ABORTED, BAD, MAP, PARALLEL, RUNNING, TIMED_OUT, Item, StateRun
from observatory.story.retrying import tries_allowed
from observatory.story.story import Story
from observatory.story.troubles import taken_by, why_failed
from observatory.terminal.tables import printable
from observatory.wording import shortened

# What every event carries on; what it has besides that and what its cause had is what it adds.
CARRIED_ON = {"TaskToken", "execution", "stateMachine", "stateName", "job", "start", "meta"}
FAILURE = "failure"
ADDED_CHARACTERS = 60
STATUS_STYLES = {"SUCCEEDED": "green", "RUNNING": "yellow"}


def story_tree(story: Story, limit: int | None) -> Tree:
    """Draw a run.

    Args:
        story: The run.
        limit: How many items of each Map to draw, the others being counted; None for all.
    """
    return _StoryTree(story, limit).draw()


def pick_items(story: Story, items: Sequence[Item], limit: int | None) -> Sequence[Item]:
    """Choose which items of a Map to draw: those in trouble before those that took long; None for all.

    Returns:
        Them in the order of their turns.
    """
    if limit is None:
        return items

    # One may end well although a state of it failed.
    failed = {(state.parent, state.iteration, state.attempt) for state in story.states.runs if state.failed}

    def trouble(item: Item) -> tuple[bool, bool, float]:
        in_trouble = item.status in BAD or (item.map, item.index, item.attempt) in failed
        return (in_trouble, item.status == RUNNING, _seconds(item.started, story.end_of_item(item)))

    chosen = sorted(items, key=trouble, reverse=True)[:limit]
    return sorted(chosen, key=lambda item: item.started)


class _StoryTree:
    def __init__(self, story: Story, limit: int | None) -> None:
        self._story = story
        self._limit = limit
        self._began = story.execution.started

    def draw(self) -> Tree:
        story, execution = self._story, self._story.execution
        status = Text(execution.status, STATUS_STYLES.get(execution.status, "red"))
        seconds = _seconds(execution.started, story.ended)
        tree = Tree(Text.assemble(f"run {story.job} ", status, f" {seconds:.2f} s, began {_utc(self._began)} UTC"))
        if start := story.event_by_id.get(story.job):
            said = shortened(json.dumps(start.detail, ensure_ascii=False), ADDED_CHARACTERS)
            tree.add(_text(f"{start.type} {said}"))
        self._add_states(tree, story.states.inside[None])
        for invocation in story.invocations_by_event.get(None, ()):
            tree.add(Text.assemble("of no known event: ", self._invocation(invocation)))
        return tree

    def _add_states(self, tree: Tree, states: Iterable[StateRun]) -> None:
        for state in states:
            self._fill(tree.add(self._state(state)), state)

    def _fill(self, node: Tree, state: StateRun) -> None:
        """Below a state: its events, and what is in it, by its tries where there are several."""
        self._add_events(node, state)
        inside, items = self._story.states.inside[state.id], self._story.states.items_of[state.id]
        attempts = sorted({one.attempt for one in inside} | {item.attempt for item in items})
        for attempt in attempts:
            below = node.add(_text(f"try {attempt}", "bold")) if len(attempts) > 1 else node
            if state.type == MAP:
                self._add_items(below, state, [item for item in items if item.attempt == attempt])
            else:
                self._add_branches(below, [one for one in inside if one.attempt == attempt])

    def _add_branches(self, node: Tree, inside: Sequence[StateRun]) -> None:
        for branch in sorted({one.branch or 0 for one in inside}):
            below = node.add(_text(f"branch {branch}", "bold"))
            self._add_states(below, [one for one in inside if one.branch == branch])

    def _add_items(self, node: Tree, map_: StateRun, items: Sequence[Item]) -> None:
        story, words = self._story, self._story.words(map_)
        chosen = pick_items(story, items, self._limit)
        for item in chosen:
            states = story.states.within(item)
            if len(states) == 1 and states[0].type not in {MAP, PARALLEL}:
                # What there is to say of the item is what there is to say of its only state.
                self._fill(node.add(self._state(states[0], item.called(words.one))), states[0])
            else:
                self._add_states(node.add(self._item(item, words.one)), states)
        if others := len(items) - len(chosen):
            node.add(Text(f"and {others} more {words.many} (--all shows them)", "dim"))

    def _item(self, item: Item, one: str) -> Text:
        label = _text(item.called(one), "bold")
        label.append(f"  {self._since(item.started)}  {_seconds(item.started, self._story.end_of_item(item)):.2f} s")
        if item.status in BAD:
            label.append(f"  {item.status.lower()}", "red")
        return label

    def _state(self, state: StateRun, name: str | None = None) -> Text:
        ended = self._story.end_of(state)
        label = _text(name or state.name, "bold")
        label.append(f"  {self._since(state.entered)}  {_seconds(state.entered, ended):.2f} s")
        if state.type == "Choice" and state.next:
            label.append_text(_text(f"  → {state.next}"))
        if state.tries > 1:
            allowed = tries_allowed(self._story, state)
            label.append(f"  try {state.tries}" + (f" of {allowed}" if allowed else ""), "yellow")
        label.append_text(self._outcome(state))
        return label

    def _outcome(self, state: StateRun) -> Text:
        if state.status == ABORTED:
            return Text("  aborted", "yellow")
        if state.is_open:
            return Text("  waits" if state.type in {"Task", "Wait"} else "  goes on", "yellow")
        if not state.failed:
            return Text()
        how = "timed out" if state.status == TIMED_OUT else "failed"
        why = "" if state.failure is None or self._is_told_below(state) else f": {why_failed(self._story, state)}"
        taken = taken_by(self._story, state)
        return _text(f"  {how}{why}" + (f" ({taken})" if taken else ""), "red")

    def _is_told_below(self, state: StateRun) -> bool:
        """Whether an invocation that made a state fail says how, or a state within; of a timeout, none does."""
        if any(one.failed for one in self._story.states.inside[state.id]):
            return True
        if str(state.error).startswith("States."):
            return False
        events = self._story.chain(state)
        invocations = [one for event in events for one in self._story.invocations_by_event.get(event.id, ())]
        return any(one.error and one.function in self._story.waited_for for one in invocations)

    def _add_events(self, branch: Tree, state: StateRun) -> None:
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
            if effect.function is None:
                self._add(node, effect)
            elif self._story.emitter(effect) is None:
                self._add(node.add(_text(f"{effect.function}, not reported yet")), effect)
        self._add_missing(node, event)

    def _add_missing(self, node: Tree, event: Event) -> None:
        known = {one.label for one in self._story.invocations_by_event.get(event.id, ())}
        known |= {str(effect.function) for effect in self._story.effects.get(event.id, ())}
        for consumer in self._story.consumers_of(event):
            if consumer.kind == FUNCTION and consumer.label not in known:
                mark = " (side effect)" if consumer.is_side_effect else ""
                node.add(_text(f"{consumer.label}{mark} has not reported yet", "yellow"))

    def _event(self, event: Event) -> Text:
        machines = [consumer.label for consumer in self._story.consumers_of(event) if consumer.kind == MACHINE]
        label = _text(event.type, "cyan")
        label.append(f"  {self._since(event.emitted)}")
        emitter = self._story.emitter(event)
        told = {FAILURE} if emitter and emitter.error else set()
        label.append_text(_text("".join(f"  → {name}" for name in machines) + "".join(self._added(event, told))))
        return label

    def _added(self, event: Event, told: Set[str]) -> Iterator[str]:
        cause = self._story.event_by_id.get(event.cause_id or "")
        had = cause.detail if cause else {}
        # All that Lambda says of a failure is about the invocation, which is shown.
        said = event.detail if event.unhandled is None else {}
        hidden = CARRIED_ON | told | {self._story.stack.item_key}
        for key, value in said.items():
            is_url = isinstance(value, str) and value in event.signed_urls
            if key not in hidden and not is_url and (key not in had or had[key] != value):
                shown = f"{len(value)} of them" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
                yield f"  {key} {shortened(shown, ADDED_CHARACTERS)}"

    def _invocation(self, invocation: Invocation, event: Event | None = None) -> Text:
        side = invocation.account is not None or invocation.function not in self._story.waited_for
        shown = _text(invocation.label, "magenta" if side else "bold blue")
        shown.append(" (side effect)" if side else "", "magenta")
        shown.append(f"  {self._since(invocation.started)}")
        shown.append("  running" if invocation.milliseconds is None else f"  {invocation.milliseconds:.0f} ms")
        if event:
            shown.append(f", waited {1000 * _seconds(event.emitted, invocation.started):.0f} ms")
        if invocation.init_milliseconds is not None:
            shown.append(f", cold start {invocation.init_milliseconds:.0f} ms")
        if invocation.error:
            shown.append_text(_text(f"  {invocation.error}", "red"))
        return shown

    def _since(self, moment: datetime) -> str:
        return f"+{_seconds(self._began, moment):.3f}"


def _text(text: str, style: str = "") -> Text:
    shown = printable(text)
    shown.stylize(style)
    return shown


def _seconds(began: datetime, ended: datetime) -> float:
    """Not below zero: two clocks may disagree."""
    return max((ended - began).total_seconds(), 0.0)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
