"""The diagram of a run."""

import json
import re

from observatory.diagrams.mermaid import flowchart
from tests.unit.observatory.recordings import Recording


def named(diagram: str) -> str:
    """The diagram with names instead of ids."""
    ids = dict(re.findall(r'^    (n\d+)\(?\[\(?\[?"(.*?)"', diagram, re.MULTILINE) or [])
    ids |= dict(re.findall(r'^    (n\d+)\(\["(.*?)"\]\)', diagram, re.MULTILINE))
    return re.sub(r"n\d+\b", lambda found: ids.get(found[0], found[0]), diagram)


def test_every_event_is_counted_on_an_edge_from_its_emitter_to_its_consumer() -> None:
    diagram = named(flowchart(Recording("succeeded").tell()))
    for edge in (
        'start event -->|"start × 1"| EventdrivenMachine',
        'EventdrivenMachine -->|"getUserProfile × 3"| processSingle',
        'processSingle -->|"getUserCookies × 3"| postProcessSingle',
        'processSingle -.->|"getUserCookies × 3"| sideEffect',
        'sideEffect -.->|"async.done × 3"| nobody',
        'postProcessSingle -->|"done × 3"| StepFinisher',
    ):
        assert edge in diagram
    assert "stroke" not in diagram


def test_what_failed_is_marked() -> None:
    diagram = named(flowchart(Recording("waiting").tell()))
    assert "postProcessSingle<br/>9 failed" in diagram
    assert diagram.count("stroke:#d00") == 1


def test_a_detail_type_cannot_change_the_diagram() -> None:
    recording = Recording("succeeded")
    assert recording.ledger is not None
    body = {"id": "odd", "detail-type": 'x"| n0\n<script>', "detail": {"job": recording.job}}
    recording.ledger.append({"timestamp": recording.ledger[-1]["timestamp"], "message": json.dumps(body)})
    diagram = flowchart(recording.tell())
    assert "<script>" not in diagram
    assert all(re.fullmatch(r"flowchart LR|    [^\n]+", line) for line in diagram.splitlines())
    assert '"x__ n0__script_ × 1"' in diagram
