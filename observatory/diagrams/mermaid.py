"""A run as a diagram that GitHub draws: machines and functions, and the events between them, counted."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from observatory.records.consumers import MACHINE
from observatory.story.story import Story

START = "start event"
UNSAFE = re.compile(r"[^A-Za-z0-9 ._-]")


def flowchart(story: Story) -> str:
    """Draw who sent which events to whom; side effects have dashed lines, and what failed is red."""
    edges = _edges(story)
    names = _names(edges)
    ids = {name: f"n{number}" for number, name in enumerate(names)}
    machines = {consumer.label for consumer in story.consumers if consumer.kind == MACHINE}
    failed = Counter(one.label for one in story.invocations if one.error)
    lines = ["flowchart LR"]
    for name, identifier in ids.items():
        label = safe(name) + (f"<br/>{failed[name]} failed" if failed[name] else "")
        lines.append(f'    {identifier}[["{label}"]]' if name in machines else f'    {identifier}(["{label}"])')
    for (emitter, detail_type, consumer, side), count in edges.items():
        arrow = "-.->" if side else "-->"
        lines.append(f'    {ids[emitter]} {arrow}|"{safe(detail_type)} × {count}"| {ids[consumer]}')
    lines += [f"    style {ids[name]} stroke:#d00,stroke-width:3px" for name in failed if name in ids]
    return "\n".join(lines)


def flow_to_json_object(story: Story) -> dict[str, Any]:
    """Return what the diagram shows: the names of its nodes, and its edges, in their order there."""
    edges = _edges(story)
    return {
        "nodes": [*_names(edges)],
        "edges": [[emitter, detail_type, consumer] for emitter, detail_type, consumer, _side in edges],
    }


def _names(edges: Iterable[tuple[str, str, str, bool]]) -> dict[str, None]:
    return dict.fromkeys(name for emitter, _type, consumer, _side in edges for name in (emitter, consumer))


def safe(text: str) -> str:
    """Text that neither Mermaid nor HTML takes for its own."""
    return UNSAFE.sub("_", text)


def _edges(story: Story) -> Counter[tuple[str, str, str, bool]]:
    """Who emitted what to whom; the bool tells side effects, which are also events that nobody takes."""
    edges: Counter[tuple[str, str, str, bool]] = Counter()
    for event in story.events:
        by_machine = story.execution.machine if event.id in story.state_by_event else START
        emitter = event.function or by_machine
        consumers = story.consumers_of(event)
        for consumer in consumers:
            edges[emitter, event.type, consumer.label, consumer.is_side_effect] += 1
        if not consumers:
            edges[emitter, event.type, "nobody", True] += 1
    return edges
