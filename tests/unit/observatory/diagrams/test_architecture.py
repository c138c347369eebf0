"""The architecture, inferred: complete, counted, and with those of whom nothing comes."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.shared.detail_types import INVOCATION_FAILED
from observatory.diagrams.architecture import Architecture, Facts, Node, draw, functions_of, infer
from observatory.diagrams.deliveries import fold_rules
from observatory.records.access import BucketUser
from observatory.records.consumers import Consumer, fetch_consumers
from observatory.records.dead_letters import DeadLetters
from observatory.records.invocation_counts import InvocationCount
from observatory.records.ledger import Event, Ledger, read_event
from observatory.records.wiring import read_wires
from tests.unit.observatory.recordings import STACK, Recording

BUCKET = "bucket:the-bucket"
SOON_AFTER = datetime(2026, 11, 24, 19, 38, 50, tzinfo=UTC)
WIRED = (
    ("source:project", "start", "rule:StartMachineRule"),
    ("rule:StartMachineRule", "start", "machine:EventdrivenMachine"),
    ("machine:EventdrivenMachine", "getUserProfile", "rule:processSingleRule"),
    ("function:processSingle", "getUserCookies", "rule:sideEffectRule"),
    ("rule:sideEffectRule", "getUserCookies", "function:sideEffect"),
    ("rule:FinisherRule", "done", "machine:StepFinisher"),
    ("machine:StepFinisher", "task token", "machine:EventdrivenMachine"),
)
LATER = datetime(2026, 11, 24, 20, tzinfo=UTC)


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


def events_of(recording: Recording) -> tuple[Event, ...]:
    ledger = Ledger(recording.clients, STACK.ledger)
    ledger.refresh()
    return ledger.new_events(0)[0]


def architecture(
    recording: Recording,
    *more: Event,
    now: datetime = LATER,
    counts: dict[Node, InvocationCount] | None = None,
    users: tuple[BucketUser, ...] = (),
) -> Architecture:
    events = (*events_of(recording), *more)
    return infer(Facts(STACK, "the-bucket", events, consumers_of(recording), users, counts or {}), now)


def consumers_of(recording: Recording) -> tuple[Consumer, ...]:
    return fetch_consumers(recording.clients, STACK)


def counts(found: Architecture) -> dict[tuple[str, str, str], int]:
    return {(edge["from"], edge["type"], edge["to"]): edge["count"] for edge in found.to_json_object()["edges"]}


def add_rule(recording: Recording, name: str, target: str, **pattern: Any) -> None:
    pattern_text = json.dumps({"source": ["project"], **pattern})
    recording.rules.append({"Name": name, "EventPattern": pattern_text, "Targets": [{"Id": "1", "Arn": target}]})


def test_every_event_goes_from_its_emitter_through_a_rule_to_who_gets_it(recording: Recording) -> None:
    found = counts(architecture(recording))
    for edge, count in {
        ("source:project", "start", "rule:StartMachineRule"): 1,
        ("rule:StartMachineRule", "start", "machine:EventdrivenMachine"): 1,
        ("machine:EventdrivenMachine", "getUserProfile", "rule:processSingleRule"): 3,
        ("function:processSingle", "getUserCookies", "rule:sideEffectRule"): 3,
        ("rule:sideEffectRule", "getUserCookies", "function:sideEffect"): 3,
        ("rule:FinisherRule", "done", "machine:StepFinisher"): 5,
        ("machine:StepFinisher", "task token", "machine:EventdrivenMachine"): 5,
        ("function:processSingle", "put", BUCKET): 3,
        (BUCKET, "get", "function:postProcessSingle"): 3,
        (BUCKET, "get", "function:postProcessAll"): 3,
        ("function:postProcessAll", "put", BUCKET): 1,
    }.items():
        assert found[edge] == count, edge


def test_an_event_that_nobody_takes_ends_on_the_bus(recording: Recording) -> None:
    assert counts(architecture(recording))["function:sideEffect", "async.done", "bus:default"] == 3


def test_what_no_state_waits_for_is_a_side_effect(recording: Recording) -> None:
    nodes = architecture(recording).to_json_object()["nodes"]
    assert [node["name"] for node in nodes if node["sideEffect"]] == ["sideEffect"]


def test_a_function_that_emits_nothing_is_there_with_its_invocations(recording: Recording) -> None:
    add_rule(recording, "mineRule", "arn:aws:lambda:us-east-1:000000000000:function:mine", **{"detail-type": ["done"]})
    mine = Node("function", "mine")
    assert mine in functions_of(consumers_of(recording))
    found = architecture(recording, counts={mine: InvocationCount(5, 2)})
    (node,) = (node for node in found.to_json_object()["nodes"] if node["name"] == "mine")
    assert node == {
        "id": "function:mine",
        "kind": "function",
        "name": "mine",
        "account": None,
        "invocations": 5,
        "failed": 2,
        "sideEffect": True,
    }
    assert counts(found)["rule:mineRule", "done", "function:mine"] == 5


def test_a_function_that_was_never_invoked_is_there_and_what_it_is_is_known(recording: Recording) -> None:
    recording.ledger = []
    nodes = architecture(recording).to_json_object()["nodes"]
    assert {node["name"] for node in nodes} > {"sideEffect", "getMultiple", "StepFinisher"}
    assert [node["name"] for node in nodes if node["sideEffect"]] == ["sideEffect"]


def test_what_lambda_says_of_a_crash_goes_through_its_rule_to_the_finisher_and_closes_a_task(
    recording: Recording,
) -> None:
    handled = next(event for event in events_of(recording) if event.type == "getUserProfile")
    recording.add_invocation_failure(handled.body, "processSingle", "r1")
    found = counts(architecture(recording))
    assert found["function:processSingle", INVOCATION_FAILED, "rule:InvocationFailedRule"] == 1
    assert found["rule:InvocationFailedRule", INVOCATION_FAILED, "machine:StepFinisher"] == 1
    assert found["machine:StepFinisher", "task token", "machine:EventdrivenMachine"] == 6


def test_the_rule_for_crashes_is_there_before_anything_crashed(recording: Recording) -> None:
    recording.add_invocation_failure({}, "processSingle", "r1")
    assert recording.ledger
    recording.ledger.pop()
    assert "rule:InvocationFailedRule" in {node["id"] for node in architecture(recording).to_json_object()["nodes"]}


def test_the_queue_of_what_a_function_could_not_handle_is_there_also_while_it_is_empty(recording: Recording) -> None:
    place = DeadLetters("sideEffect", "sideEffectDeadLetters")
    for held in (0, 3):
        facts = Facts(STACK, "b", events_of(recording), consumers_of(recording), dead_letters={place: held})
        found = infer(facts, LATER)
        assert counts(found)["function:sideEffect", "could not handle", "queue:sideEffectDeadLetters"] == held
        assert f'{"-->" if held else "-.->"}|"could not handle {held}"|' in draw(found)


@pytest.mark.parametrize(("arn", "node"), [("arn:aws:sqs:us-east-1:000000000000:all", "queue:all")])
def test_other_targets_have_their_own_kinds(recording: Recording, arn: str, node: str) -> None:
    add_rule(recording, "allRule", arn)
    assert counts(architecture(recording))["rule:allRule", "done", node] == 5


def test_the_ledger_itself_is_left_out(recording: Recording) -> None:
    names = {node["name"] for node in architecture(recording).to_json_object()["nodes"]}
    assert not {"LedgerRule", "/aws/events/eventdriven-sandbox"} & names


def test_the_rate_is_that_of_the_last_minute(recording: Recording) -> None:
    for now, rate in ((SOON_AFTER, 3), (LATER, 0)):
        edges = architecture(recording, now=now).to_json_object()["edges"]
        (edge,) = (edge for edge in edges if edge["to"] == "rule:processSingleRule")
        assert (edge["count"], edge["perMinute"]) == (3, rate)


def test_an_event_that_somebody_sent_again_comes_from_its_source(recording: Recording) -> None:
    original = next(event for event in events_of(recording) if event.type == "done")
    detail = {**original.detail, "meta": {**original.meta, "replayOf": original.id}}
    again = read_event({"timestamp": 0, "message": json.dumps({**original.body, "id": "again", "detail": detail})})
    assert again
    assert counts(architecture(recording, again))["source:project", "done", "rule:FinisherRule"] == 1


def test_who_got_an_event_without_a_rule_of_today_got_it_from_its_emitter(recording: Recording) -> None:
    recording.rules[:] = [rule for rule in recording.rules if rule["Name"] != "getMultipleRule"]
    found = counts(architecture(recording))
    assert found["machine:EventdrivenMachine", "getUsers", "function:getMultiple"] == 1


@pytest.mark.parametrize(
    "profile", ["http://[", "?X-Amz-Signature=1", "https://b.s3.amazonaws.com/k?X-Amz-Signature=1"]
)
def test_a_detail_that_anyone_may_have_written_does_no_harm(recording: Recording, profile: str) -> None:
    detail = {"profile": profile, "stateMachine": 7, "TaskToken": [], "meta": {"fn": [], "causationId": {}}}
    body = {"id": "odd", "detail-type": "<b>", "source": "project", "detail": detail}
    odd = read_event({"timestamp": 0, "message": json.dumps(body)})
    assert odd
    assert "<" not in draw(architecture(recording, odd)).replace("<br/>", "")


def test_the_picture_has_every_node_and_edge(recording: Recording) -> None:
    found = architecture(recording)
    lines = draw(found).splitlines()
    assert sum("-->" in line or "-.->" in line for line in lines) == len(found.edges)
    assert sum(line.strip().startswith("class ") for line in lines) == len(found.nodes) + len(found.side_effects)
    assert any("-->" in line and "getUserCookies" in line for line in lines)


def test_before_the_first_run_all_that_is_wired_is_there_and_dashed(recording: Recording) -> None:
    recording.ledger = []
    found = wired(recording)
    assert counts(found).items() >= dict.fromkeys(WIRED, 0).items()
    lines = [line for line in draw(found).splitlines() if "|" in line]
    assert lines
    assert all("-.->" in line for line in lines)
    assert [line for line in lines if '|"getUserProfile"|' in line]
    assert found.nodes[0] == Node("source", "project")


def test_what_was_seen_is_no_longer_dashed_and_there_once(recording: Recording) -> None:
    found = wired(recording)
    assert {edge for edge in WIRED if counts(found)[edge]} == set(WIRED)
    assert len(found.edges) == len({(edge.source, edge.target, edge.type) for edge in found.edges})
    assert not any("-.->" in line for line in draw(found).splitlines())
    assert not any("-.->" in line for line in draw(fold_rules(found)).splitlines())


def test_what_is_wired_with_a_rule_of_another_is_drawn_from_who_emits_to_who_gets_it(recording: Recording) -> None:
    recording.ledger = []
    edges = {(edge.source.name, edge.type, edge.target.name) for edge in fold_rules(wired(recording)).edges}
    assert edges >= {
        ("project", "start", "EventdrivenMachine"),
        ("EventdrivenMachine", "getUsers", "getMultiple"),
        ("sideEffect", "async.done", "default"),
        ("StepFinisher", "task token", "EventdrivenMachine"),
    }


def test_a_rule_of_what_nobody_emits_leads_to_its_target(recording: Recording) -> None:
    found = infer(Facts(STACK, "the-bucket", (), consumers_of(recording)), LATER)
    assert ("rule:FinisherRule", "done", "machine:StepFinisher") in counts(found)
    assert {node for node in found.nodes if node.kind == "rule"} <= {edge.source for edge in found.edges}


def wired(recording: Recording) -> Architecture:
    """An architecture that knows the files of the stack."""
    wires = read_wires(recording.clients, STACK)
    return infer(Facts(STACK, "the-bucket", events_of(recording), consumers_of(recording), wires=wires), LATER)


def test_where_a_function_does_not_say_what_it_stored_that_is_inferred_from_urls(recording: Recording) -> None:
    assert recording.ledger
    for line in recording.ledger:
        line["message"] = line["message"].replace('"objects"', '"other"')
    edges = [
        edge for edge in architecture(recording).to_json_object()["edges"] if "bucket:" in edge["from"] + edge["to"]
    ]
    assert {(edge["from"], edge["type"], edge["count"]) for edge in edges} >= {("function:processSingle", "put", 3)}
    assert all(edge["inferred"] for edge in edges)


def test_who_may_use_the_bucket_and_was_not_seen_to_is_told_from_who_was(recording: Recording) -> None:
    users = (
        BucketUser("function", "postProcessAll", "the-bucket", reads=True, writes=True),
        BucketUser("machine", "EventdrivenMachine", "the-bucket", reads=False, writes=True),
    )
    found = architecture(recording, users=users)
    inferred = [edge for edge in found.to_json_object()["edges"] if edge["inferred"]]
    assert [(edge["from"], edge["type"], edge["to"], edge["count"]) for edge in inferred] == [
        ("machine:EventdrivenMachine", "put", BUCKET, 0)
    ]
    assert '-.->|"may put"|' in draw(found)


def test_a_consumer_in_another_account_is_drawn_behind_both_buses(recording: Recording) -> None:
    account = "111122223333"
    forwarding = Consumer("toThemRule", "done", "bus", "default", account=account)
    theirs = Consumer("theirsRule", "done", "function", "theirs", account=account, via="toThemRule")
    events = events_of(recording)
    found = infer(Facts(STACK, "the-bucket", events, (*consumers_of(recording), forwarding, theirs)), LATER)
    edges = counts(found)
    for edge in (
        ("rule:toThemRule", "done", f"bus:default@{account}"),
        (f"bus:default@{account}", "done", f"rule:theirsRule@{account}"),
        (f"rule:theirsRule@{account}", "done", f"function:theirs@{account}"),
    ):
        assert edges[edge] == 5, edge
    frame = re.search(rf'subgraph a{account}\["account {account}"\]\n(.*?)\n    end', draw(found), re.DOTALL)
    assert frame
    assert "theirs" in frame[1]
    assert 'subgraph a["this account"]' in draw(found)


def test_one_account_alone_is_no_frame(recording: Recording) -> None:
    assert "subgraph" not in draw(architecture(recording))
