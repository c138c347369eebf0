"""Events that arrive while a function is being updated."""

import json
import uuid

from emulator.server import Server
from tests.emulator.test_lambda_service import Account, zipped
from tests.waiting import wait_for


def test_an_event_that_comes_with_an_update_of_its_function_is_handled_soon(localstack: Server) -> None:
    account, name = Account(localstack), f"updated-{uuid.uuid4().hex[:8]}"
    account.create(name)
    for number in range(5):
        account.functions.update_function_code(FunctionName=name, ZipFile=zipped(slow_to_load=f"# {number}"))
        account.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        payload = json.dumps({"do": "say", "text": f"event {number}"})
        account.functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    lines = [f"event {number}" for number in range(5)]
    wait_for("every event", lambda: {line.strip() for line in account.log_messages(name)} >= set(lines))
    account.functions.delete_function(FunctionName=name)
