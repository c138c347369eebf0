"""The architecture of the system, inferred: from the events that were recorded, and from who was invoked for them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bootstrap.policies import EVENT_BUS
from bootstrap.stack import STACK
from observatory.diagrams.mermaid import safe
from observatory.records.consumers import Consumer
from observatory.records.ledger import Event

MINUTE = timedelta(minutes=1)
TASK_TOKEN = "task token"  # noqa: S105 - what an edge is called
PUT, GET = "put", "get"
UNKNOWN_BUCKET = "?"
# How a presigned URL is told from others, by either version of S3's signatures.
SIGNATURE = re.compile("(X-Amz-Signature|Signature)=")
SHAPES = {
    "source": '>"{}"]',
    "rule": '{{{{"{}"}}}}',
    "function": '(["{}"])',
    "machine": '[["{}"]]',
    "bucket": '[("{}")]',
    "queue": '[/"{}"/]',
    "bus": '["bus {}"]',
}
SHAPE = '["{}"]'


@dataclass(frozen=True)
class Node:
    """Something that emits events, passes them on, or gets them.

    Args:
        kind: source, rule, function, machine, bucket, bus, queue, or another service.
        name: What it is called there.
    """

    kind: str
    name: str

    @property
    def id(self) -> str:
        """What edges call it."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Edge:
    """What goes from one node to another, how often in all, and how often in the last minute."""

    source: Node
    target: Node
    type: str
    count: int
    per_minute: int


@dataclass(frozen=True)
class Architecture:
    """The nodes and edges.

    Args:
        nodes: All of them, those of which nothing comes included.
        edges: What goes between them.
        invocations: How often each function was invoked, as far as that left a trace.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    invocations: Mapping[str, int]

    def is_side_effect(self, node: Node) -> bool:
        """Whether a function was invoked, and nothing that came of it went back to a machine."""
        if node.kind != "function" or not self.invocations.get(node.name):
            return False
        reached, ahead = {node}, [node]
        while ahead:
            here = ahead.pop()
            targets = {edge.target for edge in self.edges if edge.source == here and edge.type != GET} - reached
            reached |= targets
            ahead += targets
        return not any(one.kind == "machine" for one in reached)

    def to_json_object(self) -> dict[str, Any]:
        """Return the architecture for programs."""
        aside = {node: self.is_side_effect(node) for node in self.nodes}
        return {
            "nodes": [
                {
                    "id": node.id,
                    "kind": node.kind,
                    "name": node.name,
                    "invocations": self.invocations.get(node.name, 0) if node.kind == "function" else None,
                    "sideEffect": aside[node],
                }
                for node in self.nodes
            ],
            "edges": [
                {
                    "from": edge.source.id,
                    "to": edge.target.id,
                    "type": edge.type,
                    "count": edge.count,
                    "perMinute": edge.per_minute,
                    "sideEffect": aside[edge.source] or aside[edge.target],
                }
                for edge in self.edges
            ],
        }


def infer(
    events: Iterable[Event], consumers: Iterable[Consumer], silent: Mapping[str, int], now: datetime
) -> Architecture:
    """Infer who sends what to whom.

    Args:
        events: All that were recorded.
        consumers: Who the bus sends them to.
        silent: How often each function was invoked that has never emitted anything.
        now: When the last minute ends.
    """
    inference = _Inference([one for one in consumers if one.name != STACK.ledger], now - MINUTE)
    inference.follow(events)
    invocations = {name: len(ids) for name, ids in inference.invocations.items()}
    return Architecture(tuple(inference.nodes), tuple(inference.edges()), {**invocations, **silent})


def silent_functions(events: Iterable[Event], consumers: Iterable[Consumer]) -> set[str]:
    """The functions that get events, and have never emitted any: only their logs tell whether they were invoked."""
    heard = {name for kind, name in (event.emitter for event in events) if kind == "function"}
    return {consumer.name for consumer in consumers if consumer.kind == "function"} - heard


class _Inference:
    def __init__(self, consumers: list[Consumer], recent: datetime) -> None:
        self._consumers = consumers
        self._recent = recent
        self._counts: defaultdict[tuple[Node, Node, str], list[int]] = defaultdict(lambda: [0, 0])
        self.invocations: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
        # Rules and those they lead to are there also when nothing came yet.
        pairs = ((Node("rule", one.rule), Node(one.kind, one.name)) for one in consumers)
        self.nodes = dict.fromkeys(node for pair in pairs for node in pair)

    def edges(self) -> Iterator[Edge]:
        """What was seen, summed up."""
        for (source, target, kind), (count, recent) in self._counts.items():
            yield Edge(source, target, kind, count, recent)

    def follow(self, events: Iterable[Event]) -> None:
        """See where each event came from, where it went, and what it says was done."""
        by_id = {event.id: event for event in events}
        tokens = _given_tokens(by_id.values())
        for event in by_id.values():
            self._deliver(event)
            self._hand_back(event, tokens)
            if (cause := by_id.get(event.cause_id or "")) and event.emitter[0] == "function":
                self._invoke(cause, event)
                self._store(cause, event)

    def _see(self, source: Node, target: Node, kind: str, event: Event) -> None:
        self.nodes |= {source: None, target: None}
        counts = self._counts[source, target, kind]
        counts[0] += 1
        counts[1] += event.emitted >= self._recent

    def _deliver(self, event: Event) -> None:
        """From its emitter through each rule that looks for it to the rule's targets."""
        emitter, taking = Node(*event.emitter), [one for one in self._consumers if one.takes(event.type)]
        for rule in dict.fromkeys(consumer.rule for consumer in taking):
            self._see(emitter, Node("rule", rule), event.type, event)
        for consumer in taking:
            self._see(Node("rule", consumer.rule), Node(consumer.kind, consumer.name), event.type, event)
        if not taking:
            self._see(emitter, Node("bus", EVENT_BUS), event.type, event)

    def _hand_back(self, event: Event, tokens: Mapping[str | None, Node]) -> None:
        """From a machine that gets an event with another machine's task token to that one."""
        waiting = tokens.get(event.token)
        for consumer in self._consumers if waiting else ():
            closing = Node(consumer.kind, consumer.name)
            if waiting and consumer.kind == "machine" and closing != waiting and consumer.takes(event.type):
                self._see(closing, waiting, TASK_TOKEN, event)

    def _invoke(self, cause: Event, effect: Event) -> None:
        """A function got the cause: count that; where no rule of today leads to it, from what emitted the cause."""
        function = Node(*effect.emitter)
        self.invocations[function.name].add((cause.id, effect.worked_from))
        if not any(one.name == function.name and one.takes(cause.type) for one in self._consumers):
            self._see(Node(*cause.emitter), function, cause.type, cause)

    def _store(self, cause: Event, effect: Event) -> None:
        """To the bucket whose URL a function has added, from the one whose URL it was given."""
        function, given = Node(*effect.emitter), _signed_urls(cause)
        for url in given:
            self._see(Node("bucket", _bucket(url)), function, GET, effect)
        for url in _signed_urls(effect) - given:
            self._see(function, Node("bucket", _bucket(url)), PUT, effect)


def _given_tokens(events: Iterable[Event]) -> dict[str | None, Node]:
    """The machine that waits with each task token."""
    given = ((event.token, Node(*event.emitter)) for event in events)
    return {token: emitter for token, emitter in given if emitter.kind == "machine" and token}


def _signed_urls(event: Event) -> set[str]:
    return {value for value in event.detail.values() if isinstance(value, str) and SIGNATURE.search(value)}


def _bucket(url: str) -> str:
    """The bucket of a URL, which is part of its host or the beginning of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return UNKNOWN_BUCKET
    name, virtual, _service = (parts.hostname or "").partition(".s3")
    return (name if virtual else parts.path.strip("/").partition("/")[0]) or UNKNOWN_BUCKET


def draw(architecture: Architecture) -> str:
    """Draw an architecture as a Mermaid flowchart; side effects have dashed lines, kinds are classes."""
    ids = {node: f"n{number}" for number, node in enumerate(architecture.nodes)}
    aside = {node for node in architecture.nodes if architecture.is_side_effect(node)}
    lines = ["flowchart TB"]
    for node, identifier in ids.items():
        lines.append(f"    {identifier}{SHAPES.get(node.kind, SHAPE).format(safe(node.name))}")
    for edge in architecture.edges:
        arrow = "-.->" if {edge.source, edge.target} & aside else "-->"
        rate = f", {edge.per_minute}/min" if edge.per_minute else ""
        lines.append(f'    {ids[edge.source]} {arrow}|"{safe(edge.type)} × {edge.count}{rate}"| {ids[edge.target]}')
    lines += [f"    class {identifier} {safe(node.kind).replace(' ', '-')}" for node, identifier in ids.items()]
    return "\n".join(lines)
