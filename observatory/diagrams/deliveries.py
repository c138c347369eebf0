"""The architecture without its rules: what a rule brings from one to another goes there by itself."""

from collections.abc import Iterator
from dataclasses import replace

from observatory.diagrams.architecture import Architecture, Edge, Node

RULE = "rule"


def fold_rules(architecture: Architecture) -> Architecture:
    """Let edges lead from whoever emits to whoever gets it; a rule of which nothing came keeps its place."""
    used = {edge.source for edge in architecture.edges if edge.source.kind == RULE}
    folded = used & {edge.target for edge in architecture.edges}
    edges = tuple(_edges(architecture, folded))
    nodes = tuple(node for node in architecture.nodes if node not in folded)
    return replace(architecture, nodes=nodes, edges=edges)


def _edges(architecture: Architecture, folded: set[Node]) -> Iterator[Edge]:
    for edge in architecture.edges:
        if edge.target in folded:
            for further in architecture.edges:
                if further.source == edge.target and further.type == edge.type:
                    yield replace(edge, target=further.target)
        elif edge.source not in folded:
            yield edge
