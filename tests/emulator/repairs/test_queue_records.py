"""What a function is given of a queue."""

import json
import uuid

from emulator.server import Server
from testkit.waiting import wait_for
from tests.clients import client_at
from tests.emulator.environments.test_lambda_service import Account, zipped

SAYS_BODIES = """
def lambda_handler(event, context):
    for record in event["Records"]:
        print("body", ascii(record["body"]))
"""


def test_bodies_come_as_they_were_sent(localstack: Server) -> None:
    account, sqs, name = Account(localstack), client_at(localstack.endpoint_url, "sqs"), f"reads-{uuid.uuid4().hex[:8]}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    account.create(name)
    account.functions.update_function_code(FunctionName=name, ZipFile=zipped(app=SAYS_BODIES))
    filters = {"Filters": [{"Pattern": json.dumps({"body": {"a": [{"exists": True}]}})}]}
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    mapped = account.functions.create_event_source_mapping
    mapping = mapped(EventSourceArn=arn, FunctionName=name, BatchSize=1)["UUID"]

    def said() -> set[str]:
        return {line.strip() for line in account.log_messages(name) if line.startswith("body")}

    def send(*bodies: str) -> set[str]:
        for body in bodies:
            sqs.send_message(QueueUrl=queue, MessageBody=body)
        return {f"body {body!a}" for body in bodies}

    sent = send('{"a":1}', '{"a": "grün", "b":1e5}', '"hello"', "no JSON")
    wait_for("each body", lambda: said() >= sent)
    account.functions.update_event_source_mapping(UUID=mapping, FilterCriteria=filters)
    wait_for(
        "the filter",
        lambda: account.functions.get_event_source_mapping(UUID=mapping)["State"] == "Enabled",
    )
    send('{"b":2}')
    sent |= send('{"a":2}')
    wait_for("the last body", lambda: said() >= sent)
    assert said() == sent
    account.functions.delete_event_source_mapping(UUID=mapping)
    account.functions.delete_function(FunctionName=name)
    sqs.delete_queue(QueueUrl=queue)
