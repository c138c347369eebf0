"""Without the rules, an edge leads from who emits to who gets it."""

from observatory.diagrams.architecture import Architecture, Edge, Node
from observatory.diagrams.deliveries import fold_rules

MACHINE, RULE, FIRST, SECOND = Node("machine", "m"), Node("rule", "r"), Node("function", "f"), Node("function", "g")
IDLE, SILENT = Node("rule", "idle"), Node("function", "silent")


def test_what_a_rule_brings_goes_to_each_of_its_targets_by_itself() -> None:
    edges = (
        Edge(MACHINE, RULE, "asked", 3, 1),
        Edge(RULE, FIRST, "asked", 3, 1),
        Edge(RULE, SECOND, "asked", 3, 1),
        Edge(RULE, SECOND, "other", 2, 0),
        Edge(FIRST, MACHINE, "put", 1, 0),
    )
    folded = fold_rules(Architecture((MACHINE, RULE, FIRST, SECOND), edges, {}, frozenset()))
    assert folded.nodes == (MACHINE, FIRST, SECOND)
    assert folded.edges == (
        Edge(MACHINE, FIRST, "asked", 3, 1),
        Edge(MACHINE, SECOND, "asked", 3, 1),
        Edge(FIRST, MACHINE, "put", 1, 0),
    )


def test_a_rule_of_which_nothing_came_is_still_there() -> None:
    assert fold_rules(Architecture((IDLE, SILENT), (), {}, frozenset())).nodes == (IDLE, SILENT)
