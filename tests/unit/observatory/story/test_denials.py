"""What was denied belongs to the run whose functions, machines and rules have asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from observatory.records.denials import Denial
from observatory.story.denials import denied
from observatory.story.story import Story
from observatory.terminal.story_tables import remedies
from tests.unit.observatory.recordings import Recording

ARN = "arn:aws:{}:us-east-1:000000000000:{}"
BUS = ARN.format("events", "event-bus/default")
OTHER_RUN = ARN.format("states", "execution:EventdrivenMachine:another")


@pytest.fixture
def story() -> Story:
    return Recording("succeeded").tell()


def session(role: str, name: str) -> str:
    return f"arn:aws:sts::000000000000:assumed-role/{role}Role-us-east-1/{name}"


def denial(time: datetime, caller: str, action: str = "events:PutEvents", resource: str = BUS, **more: Any) -> Denial:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    source = more.get("source")
    return Denial(time, action, resource, caller, source, "not allowed", f"a policy of {caller}", statement)


def said_of(story: Story, *denials: Denial) -> list[str]:
    return [one.sentence for one in denied(replace(story, denials=denials))]


def at_work(story: Story, function: str) -> datetime:
    return next(one.started for one in story.invocations if one.function == function) + timedelta(milliseconds=1)


def emitted(story: Story, detail_type: str) -> datetime:
    return next(event.emitted for event in story.events if event.type == detail_type)


def test_a_functions_is_one_of_its_invocations(story: Story) -> None:
    asked = session("processSingle", "processSingle")
    when = at_work(story, "processSingle")
    late = max(one.ended or one.started for one in story.invocations) + timedelta(minutes=1)
    assert said_of(story, denial(when, asked), denial(late, asked)) == [
        f"processSingle may not events:PutEvents on {BUS}"
    ]
    assert said_of(story, denial(when, session("processSingle", "somebody"))) == []


def test_a_machines_is_one_while_the_run_went_on(story: Story) -> None:
    asked = session("EventdrivenMachine", "session-1")
    before, after = story.execution.started - timedelta(minutes=1), story.ended + timedelta(minutes=1)
    assert said_of(story, denial(before, asked), denial(after, asked)) == []
    assert said_of(story, denial(story.execution.started, asked)) == [
        f"EventdrivenMachine may not events:PutEvents on {BUS}"
    ]
    closing = denial(story.ended, session("StepFinisher", "session-2"), "states:SendTaskSuccess")
    assert said_of(story, closing) == [f"StepFinisher may not states:SendTaskSuccess on {BUS}"]


def test_a_rules_comes_after_an_event_of_the_run_that_it_takes(story: Story) -> None:
    rule, function = ARN.format("events", "rule/getMultipleRule"), ARN.format("lambda", "function:getMultiple")
    asked = ("events.amazonaws.com", "lambda:InvokeFunction", function)
    when = emitted(story, "getUsers")
    assert said_of(story, denial(when, *asked, source=rule)) == [
        f"rule getMultipleRule may not lambda:InvokeFunction on {function}"
    ]
    assert said_of(story, denial(when + timedelta(minutes=1), *asked, source=rule)) == []
    assert said_of(story, denial(when, *asked, source=ARN.format("events", "rule/another"))) == []


def test_a_function_without_trust_is_named(story: Story) -> None:
    role = "arn:aws:iam::000000000000:role/getMultipleRole-us-east-1"
    asked = ("lambda.amazonaws.com", "sts:AssumeRole", role)
    source = ARN.format("lambda", "function:getMultiple")
    assert said_of(story, denial(emitted(story, "getUsers"), *asked, source=source)) == [
        f"getMultiple may not sts:AssumeRole on {role}"
    ]


def test_what_names_another_run_is_not_of_this_one(story: Story) -> None:
    when, asked = at_work(story, "processSingle"), session("processSingle", "processSingle")
    for execution, count in ((OTHER_RUN, 0), (story.execution.arn, 1)):
        resource = f"arn:aws:s3:::the-bucket/{execution}/basic-A.json"
        assert len(said_of(story, denial(when, asked, "s3:PutObject", resource))) == count


def test_the_same_on_several_things_is_one_with_a_statement_for_all(story: Story) -> None:
    when, asked = at_work(story, "processSingle"), session("processSingle", "processSingle")
    keys = [f"arn:aws:s3:::the-bucket/{story.execution.arn}/{name}" for name in ("a", "b", "a")]
    found = replace(story, denials=tuple(denial(when, asked, "s3:PutObject", key) for key in keys))
    (one,) = denied(found)
    assert one.sentence == f"processSingle may not s3:PutObject on {keys[0]} and 1 more (3 times)"
    assert one.statement == {"Effect": "Allow", "Action": "s3:PutObject", "Resource": keys[:2]}
    where, statement = remedies(found)
    assert where == f"processSingle may s3:PutObject by this statement in a policy of {asked}:"
    assert statement.startswith('{"Effect": "Allow", "Action": "s3:PutObject", "Resource": [')
