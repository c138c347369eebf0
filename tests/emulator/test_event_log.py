"""Events that a rule sends to a log group: all are there, and few streams."""

import json
import uuid

import boto3

from bootstrap.settings import load_settings
from emulator.server import Server
from tests.waiting import wait_for

EVENTS = 20


def test_every_event_of_a_rule_is_written_once_and_not_to_a_stream_of_its_own(localstack: Server) -> None:
    session = boto3.Session("test", "test", region_name="us-east-1")
    events = session.client("events", endpoint_url=localstack.endpoint_url)
    logs = session.client("logs", endpoint_url=localstack.endpoint_url)
    name = f"rule-{uuid.uuid4()}"
    group = f"/aws/events/{name}"
    logs.create_log_group(logGroupName=group)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    sent = set()
    for number in range(EVENTS):
        answer = events.put_events(
            Entries=[{"Source": name, "DetailType": "a type", "Detail": json.dumps({"number": number})}]
        )
        sent.add(answer["Entries"][0]["EventId"])

    def written() -> list[str]:
        found = [json.loads(event["message"])["id"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        return found if len(found) >= EVENTS else []

    assert sorted(wait_for("every event", written)) == sorted(sent)
    if not load_settings().patches:
        return
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert len(streams) < EVENTS
