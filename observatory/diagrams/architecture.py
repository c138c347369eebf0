"""The architecture of the system: how it is wired, which events were recorded, who got them, and who may do what."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bootstrap.description import Stack
from bootstrap.policies import EVENT_BUS
from observatory.diagrams.mermaid import safe
from observatory.records.access import BucketUser
from observatory.records.consumers import BUS, FUNCTION, MACHINE, Consumer, label
from observatory.records.dead_letters import DeadLetters
from observatory.records.invocation_counts import InvocationCount
from observatory.records.ledger import Event
from observatory.records.wiring import SOURCE, Wire

MINUTE = timedelta(minutes=1)
TASK_TOKEN = "task token"  # noqa: S105 - what an edge is called
PUT, GET = "put", "get"
NOT_HANDLED = "could not handle"
UNKNOWN_BUCKET = "?"
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
        account: The account that it is in, if that is another one.
    """

    kind: str
    name: str
    account: str | None = None

    @property
    def id(self) -> str:
        """What edges call it."""
        return f"{self.kind}:{self.name}" + (f"@{self.account}" if self.account else "")

    @property
    def label(self) -> str:
        """What people call it."""
        return label(self.name, self.account)


@dataclass(frozen=True)
class Edge:
    """What goes from one node to another, how often in all, and how often in the last minute.

    What is *inferred* was not seen: it follows from how all is wired, from what was handed on, or from who may read and
    write.
    """

    source: Node
    target: Node
    type: str
    count: int
    per_minute: int
    inferred: bool = False


@dataclass(frozen=True)
class Architecture:
    """The nodes and edges.

    Args:
        nodes: All of them, those of which nothing comes included.
        edges: What goes between them.
        invocations: How often each function was invoked, and failed.
        side_effects: Those that no state waits for.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    invocations: Mapping[Node, InvocationCount]
    side_effects: frozenset[Node]

    def to_json_object(self) -> dict[str, Any]:
        """Return the architecture for programs."""
        aside = self.side_effects
        return {
            "nodes": [
                {
                    "id": node.id,
                    "kind": node.kind,
                    "name": node.name,
                    "account": node.account,
                    **self._counts(node),
                    "sideEffect": node in aside,
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
                    "inferred": edge.inferred,
                    "sideEffect": not aside.isdisjoint({edge.source, edge.target}),
                }
                for edge in self.edges
            ],
        }

    def _counts(self, node: Node) -> dict[str, int | None]:
        if node.kind != FUNCTION:
            return {"invocations": None, "failed": None}
        return asdict(self.invocations.get(node, InvocationCount()))


@dataclass(frozen=True)
class Facts:
    """What an architecture follows from.

    Args:
        stack: Whose it is.
        bucket: The name of its bucket.
        events: All that were recorded.
        consumers: Who the bus sends them to.
        users: Who may read and write the bucket.
        invocations: How often each function was invoked, and failed.
        dead_letters: How many events lie in the queue of each function that could not handle them.
        wires: Who may emit which event.
    """

    stack: Stack
    bucket: str
    events: Iterable[Event]
    consumers: Iterable[Consumer]
    users: Iterable[BucketUser] = ()
    invocations: Mapping[Node, InvocationCount] = field(default_factory=dict)
    dead_letters: Mapping[DeadLetters, int] = field(default_factory=dict)
    wires: Iterable[Wire] = ()


def infer(facts: Facts, now: datetime) -> Architecture:
    """Infer who sends what to whom.

    Args:
        facts: What is known.
        now: When the last minute ends.
    """
    inference = _Inference(facts, now - MINUTE)
    inference.follow(facts.events)
    inference.add_unseen(facts.wires)
    edges = (*_with_access(inference.edges(), facts.users), *_left_over(facts.dead_letters))
    nodes = dict.fromkeys((*inference.nodes, *(node for edge in edges for node in (edge.source, edge.target))))
    # The picture begins with those from whom all comes.
    ordered = sorted(nodes, key=lambda node: node.kind != SOURCE)
    return Architecture(tuple(ordered), edges, facts.invocations, frozenset(inference.side_effects()))


def functions_of(consumers: Iterable[Consumer]) -> set[Node]:
    """The functions among those that get events."""
    return {_node(consumer) for consumer in consumers if consumer.kind == FUNCTION}


def _left_over(dead_letters: Mapping[DeadLetters, int]) -> Iterator[Edge]:
    """From each function to the queue of what it could not handle, whether there is anything in it or not."""
    for one, count in dead_letters.items():
        function, queue = Node(FUNCTION, one.function, one.account), Node("queue", one.queue, one.account)
        yield Edge(function, queue, NOT_HANDLED, count, 0, inferred=count == 0)


def _node(consumer: Consumer) -> Node:
    return Node(consumer.kind, consumer.name, consumer.account)


def _with_access(edges: Iterable[Edge], users: Iterable[BucketUser]) -> Iterator[Edge]:
    """The edges, and one for each who may read or write and was not seen to."""
    seen = list(edges)
    yield from seen
    for user in users:
        node, bucket = Node(user.kind, user.name), Node("bucket", user.bucket)
        for source, target, kind, may in ((node, bucket, PUT, user.writes), (bucket, node, GET, user.reads)):
            if may and not any((edge.source, edge.target) == (source, target) for edge in seen):
                yield Edge(source, target, kind, 0, 0, inferred=True)


@dataclass(frozen=True)
class _Seen:
    """Something that went from one node to another: what, when, how often, and whether that is only inferred."""

    type: str
    emitted: datetime
    times: int = 1
    inferred: bool = False


class _Inference:
    def __init__(self, facts: Facts, recent: datetime) -> None:
        self._finisher = facts.stack.finisher
        self._bucket = facts.bucket
        self._consumers = [one for one in facts.consumers if one.name != facts.stack.ledger]
        self._recent = recent
        self._counts: defaultdict[tuple[Node, Node, str, bool], list[int]] = defaultdict(lambda: [0, 0])
        self._told: defaultdict[tuple[object, ...], int] = defaultdict(int)
        # Rules and those they lead to are there also when nothing came yet.
        pairs = ((_rule(one), _node(one)) for one in self._consumers)
        self.nodes = dict.fromkeys(node for pair in pairs for node in pair)

    def side_effects(self) -> Iterator[Node]:
        """The functions that no state waits for."""
        waited_for = {_node(one) for one in self._consumers if not one.is_side_effect}
        yield from functions_of(self._consumers) - waited_for

    def edges(self) -> Iterator[Edge]:
        """What was seen, summed up."""
        for (source, target, kind, inferred), (count, recent) in self._counts.items():
            yield Edge(source, target, kind, count, recent, inferred)

    def follow(self, events: Iterable[Event]) -> None:
        """See where each event came from, where it went, and what it says was done."""
        by_id = {event.id: event for event in events}
        tokens = _given_tokens(by_id.values())
        for event in by_id.values():
            self._deliver(event)
            self._hand_back(event, tokens)
            if (cause := by_id.get(event.cause_id or "")) and event.emitter[0] == FUNCTION:
                self._invoke(cause, event)
                self._store(cause, event)

    def add_unseen(self, wires: Iterable[Wire]) -> None:
        """Add the ways on which nothing has come yet."""
        for wire in wires:
            emitter, taking = Node(wire.kind, wire.name), [one for one in self._consumers if one.takes(wire.type)]
            for source, target in _ways(emitter, taking) if taking else [(emitter, Node(BUS, EVENT_BUS))]:
                self._add(source, target, wire.type)
            if wire.waits:
                self._add(Node(MACHINE, self._finisher), emitter, TASK_TOKEN)
        led_from = {source for source, *_rest in self._counts}
        for consumer in self._consumers:
            # What nobody emits would still be brought.
            if consumer.type and _rule(consumer) not in led_from:
                self._add(_rule(consumer), _node(consumer), consumer.type)

    def _add(self, source: Node, target: Node, kind: str) -> None:
        if (source, target, kind, False) not in self._counts:
            self.nodes |= {source: None, target: None}
            _ = self._counts[source, target, kind, True]

    def _see(self, source: Node, target: Node, what: _Seen) -> None:
        self.nodes |= {source: None, target: None}
        counts = self._counts[source, target, what.type, what.inferred]
        counts[0] += what.times
        counts[1] += what.times if what.emitted >= self._recent else 0

    def _deliver(self, event: Event) -> None:
        """From its emitter through each rule that looks for it to the rule's targets, in this account or another."""
        emitter, taking = Node(*event.emitter), [one for one in self._consumers if one.takes(event.type)]
        for source, target in _ways(emitter, taking) if taking else [(emitter, Node(BUS, EVENT_BUS))]:
            self._see(source, target, _Seen(event.type, event.emitted))

    def _hand_back(self, event: Event, tokens: Mapping[str | None, Node]) -> None:
        """From the finisher that gets an event with a machine's task token to that machine."""
        waiting, finisher = tokens.get(event.token), self._finisher
        taken = any(one.kind == MACHINE and one.name == finisher and one.takes(event.type) for one in self._consumers)
        if waiting and taken:
            self._see(Node(MACHINE, finisher), waiting, _Seen(TASK_TOKEN, event.emitted))

    def _invoke(self, cause: Event, effect: Event) -> None:
        """A function got the cause: where no rule of today leads to it, from what emitted the cause."""
        function = Node(*effect.emitter)
        if not any(one.name == function.name and one.takes(cause.type) for one in self._consumers):
            self._see(Node(*cause.emitter), function, _Seen(cause.type, cause.emitted))

    def _store(self, cause: Event, effect: Event) -> None:
        """To the bucket and from it, as the invocation says; if it says nothing, by the URLs that went through it."""
        function, bucket = Node(*effect.emitter), Node("bucket", self._bucket)
        if effect.tells_objects:
            if written := self._newly(effect, PUT, effect.objects_written):
                self._see(function, bucket, _Seen(PUT, effect.emitted, written))
            if read := self._newly(effect, GET, effect.objects_read):
                self._see(bucket, function, _Seen(GET, effect.emitted, read))
            return
        given = cause.signed_urls
        for url in given:
            self._see(Node("bucket", _bucket(url)), function, _Seen(GET, effect.emitted, inferred=True))
        for url in effect.signed_urls - given:
            self._see(function, Node("bucket", _bucket(url)), _Seen(PUT, effect.emitted, inferred=True))

    def _newly(self, effect: Event, kind: str, count: int) -> int:
        """How many objects more than the invocation had told of before: an event tells of all up to then."""
        key = (*effect.emitter, effect.cause_id, effect.request_id, effect.worked_from, kind)
        before, self._told[key] = self._told[key], max(self._told[key], count)
        return self._told[key] - before


def _rule(consumer: Consumer) -> Node:
    return Node("rule", consumer.rule, consumer.account if consumer.via else None)


def _ways(emitter: Node, taking: Iterable[Consumer]) -> Iterator[tuple[Node, Node]]:
    """From an emitter through each rule to its targets; those of another account's rules come from its bus."""
    for consumer in taking:
        yield _rule(consumer), _node(consumer)
    for rule, via in {_rule(consumer): consumer.via for consumer in taking}.items():
        yield Node(BUS, EVENT_BUS, rule.account) if via else emitter, rule


def _given_tokens(events: Iterable[Event]) -> dict[str | None, Node]:
    """The machine that waits with each task token."""
    given = ((event.token, Node(*event.emitter)) for event in events)
    return {token: emitter for token, emitter in given if emitter.kind == "machine" and token}


def _bucket(url: str) -> str:
    """The bucket of a URL, which is part of its host or the beginning of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return UNKNOWN_BUCKET
    name, virtual, _service = (parts.hostname or "").partition(".s3")
    return (name if virtual else parts.path.strip("/").partition("/")[0]) or UNKNOWN_BUCKET


def draw(architecture: Architecture) -> str:
    """Draw an architecture as a Mermaid flowchart; what was not seen is dashed, kinds and side effects are classes."""
    ids = {node: f"n{number}" for number, node in enumerate(architecture.nodes)}
    lines = ["flowchart TB"]
    accounts = dict.fromkeys(node.account for node in ids)
    for account in accounts:
        drawn = [f"    {ids[node]}{SHAPES.get(node.kind, SHAPE).format(safe(node.name))}" for node in _of(ids, account)]
        # Where there are several, each is a frame around what is in it.
        title = f"account {account}" if account else "this account"
        framed = [f'    subgraph a{account or ""}["{title}"]', *drawn, "    end"]
        lines += framed if len(accounts) > 1 else drawn
    for edge in architecture.edges:
        arrow = "-.->" if edge.inferred else "-->"
        lines.append(f'    {ids[edge.source]} {arrow}|"{_edge_label(edge)}"| {ids[edge.target]}')
    lines += [f"    class {identifier} {safe(node.kind).replace(' ', '-')}" for node, identifier in ids.items()]
    lines += [f"    class {ids[node]} side-effect" for node in ids if node in architecture.side_effects]
    return "\n".join(lines)


def _of(nodes: Iterable[Node], account: str | None) -> list[Node]:
    return [node for node in nodes if node.account == account]


def _edge_label(edge: Edge) -> str:
    kind = safe(edge.type)
    if edge.type == NOT_HANDLED:
        return f"{kind} {edge.count}"
    if edge.count == 0:
        return f"may {kind}" if edge.type in {PUT, GET} else kind
    rate = f", {edge.per_minute}/min" if edge.per_minute else ""
    return f"{kind} × {edge.count}{rate}" + (" (inferred)" if edge.inferred else "")
