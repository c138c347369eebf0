"""Mistakes that people make in a workflow: each is found, with its place and what to do."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bootstrap.check.findings import Severity
from bootstrap.check.report import Report
from tests.unit.bootstrap.check.copies import make_copy

MACHINE = "orders_machine.asl.json"
RESERVE = "handlers/reserve_stock.py"
PICK = "handlers/pick_item.py"
STORAGE = "from handlers.shared.storage import S3\n\n"


@dataclass(frozen=True)
class Mistake:
    """An edit, and what is to be said of it; *place* is a file and the text that its line holds."""

    file: str
    old: str
    new: str
    said: str
    place: tuple[str, str]
    severity: Severity = Severity.ERROR


MISTAKES = {
    "a handler uses the bucket, and the stack does not say so": Mistake(
        "stack.py",
        "DetailType.LABEL_PARCEL, uses_bucket=True",
        "DetailType.LABEL_PARCEL",
        "labelParcel uses BUCKET, which its function does not have: give its row in the stack uses_bucket=True",
        ("handlers/label_parcel.py", "shared.storage"),
    ),
    "a handler uses a variable that its function does not have": Mistake(
        "stack.py",
        'variables={"SENDER": "shop@example.com"}',
        "",
        "sendReceipt uses SENDER, which its function does not have: give its row in the stack variables={'SENDER': …}",
        ("handlers/send_receipt.py", '"SENDER"'),
    ),
    "a handler forgets to emit done": Mistake(
        PICK,
        'emit(event, DetailType.DONE, {"picked": picked})',
        "print(picked)",
        "OrdersMachine.PickItem waits, and nothing answers it: pickItem → pickItem is the end: let one",
        (MACHINE, '"pickItem"'),
    ),
    "a handler emits another event instead of done": Mistake(
        PICK,
        "DetailType.DONE",
        "DetailType.RECEIPT_SENT",
        "OrdersMachine.PickItem waits, and nothing answers it",
        (MACHINE, '"pickItem"'),
    ),
    "only a side effect takes the event that a state waits for": Mistake(
        "stack.py",
        "DetailType.PICK_ITEM, memory_megabytes=128",
        "DetailType.ORDER_REOPENED, waited_for=False",
        "OrdersMachine.PickItem waits, and no rule takes pickItem",
        (MACHINE, '"pickItem"'),
    ),
    "an event's name is misspelt in the definition": Mistake(
        MACHINE,
        '"DetailType": "pickItem"',
        '"DetailType": "pickItems"',
        "OrdersMachine.PickItem waits, and no rule takes pickItems: did you mean pickItem?",
        (MACHINE, '"pickItems"'),
    ),
    "an event has another source than the stack": Mistake(
        MACHINE,
        '"Source": "orders"',
        '"Source": "order"',
        "OrdersMachine.ReserveStock waits, and no rule takes reserveStock of the source order:"
        " the stack's is orders: let its Source be ${EventSource}",
        (MACHINE, '"reserveStock"'),
    ),
    "the stack has another source than its events": Mistake(
        "stack.py",
        'source="orders"',
        'source="shop"',
        "OrdersMachine.PickItem waits, and no rule takes pickItem of the source orders: the stack's is shop",
        (MACHINE, '"pickItem"'),
    ),
    "an event is put on another bus": Mistake(
        MACHINE,
        '"EventBusName": "default"',
        '"EventBusName": "mybus"',
        "OrdersMachine.ReserveStock waits, and no rule takes events of the bus mybus: let its EventBusName be default",
        (MACHINE, '"reserveStock"'),
    ),
    "an event comes back to who emits it": Mistake(
        PICK,
        "DetailType.DONE",
        "DetailType.PICK_ITEM",
        "OrdersMachine.PickItem waits, and nothing answers it: pickItem → pickItem → pickItem is the end",
        (MACHINE, '"pickItem"'),
    ),
    "an event's name is misspelt where a handler emits it": Mistake(
        "detail_types.py",
        'RECEIPT_SENT = "receiptSent"',
        'RECEIPT_SENT = "orderShiped"',
        "sendReceipt emits orderShiped, which nobody takes: did you mean orderShipped?",
        ("handlers/send_receipt.py", "RECEIPT_SENT"),
        Severity.WARNING,
    ),
    "a timeout is forgotten": Mistake(
        MACHINE,
        '"TimeoutSeconds": 30,',
        "",
        "OrdersMachine.ReserveStock waits for ever when nothing answers: give it TimeoutSeconds",
        (MACHINE, '"reserveStock"'),
    ),
    "a function is forgotten": Mistake(
        "stack.py",
        'FunctionSpec(f"{HANDLERS}.pick_item", DetailType.PICK_ITEM, memory_megabytes=128),',
        "",
        "OrdersMachine.PickItem waits, and no rule takes pickItem",
        (MACHINE, '"pickItem"'),
    ),
    "a function's module is misspelt": Mistake(
        "stack.py",
        "{HANDLERS}.pick_item",
        "{HANDLERS}.pick_items",
        "handlers.pick_items: a function's is found from the folder you are in",
        ("stack.py", "The orders on one screen"),
    ),
    "a function's package is misspelt": Mistake(
        "stack.py",
        "{HANDLERS}.pick_item",
        "handler.pick_item",
        "pickItem: there is no module handler.pick_item: a function's is found from the folder you are in",
        ("stack.py", "The orders on one screen"),
    ),
    "a handler is in no function": Mistake(
        "stack.py",
        'FunctionSpec(f"{HANDLERS}.pick_item", DetailType.PICK_ITEM, memory_megabytes=128),',
        "",
        "handlers.pick_item: add a FunctionSpec for it to the stack",
        (PICK, "def lambda_handler"),
        Severity.WARNING,
    ),
    "a ResultPath is forgotten": Mistake(
        MACHINE,
        '"ResultPath": "$.reserved",',
        "",
        "$.reserved.inStock leads to nothing: $ has",
        (MACHINE, '"Variable": "$.reserved.inStock"'),
    ),
    "a path is misspelt": Mistake(
        MACHINE,
        '"order.$": "$.reserved.order"',
        '"order.$": "$.reserved.ordr"',
        "$.reserved.ordr leads to nothing: $.reserved has amountCents, card, inStock, missing, order, parcels:"
        " did you mean order?",
        (MACHINE, "$.reserved.ordr"),
    ),
    "a path is none": Mistake(
        MACHINE,
        '"ResultPath": "$.reserved"',
        '"ResultPath": "reserved"',
        "should be a Reference Path",
        (MACHINE, '"reserved"'),
    ),
    "the token is not in the event": Mistake(
        MACHINE,
        '"TaskToken.$": "$$.Task.Token",',
        "",
        'waits for a task token that is not in its event: add "TaskToken.$": "$$.Task.Token" to its Detail',
        (MACHINE, '"reserveStock"'),
    ),
    "a Next names no state": Mistake(
        MACHINE,
        '"Next": "ShipOrder"',
        '"Next": "ShipOrders"',
        "there is no state ShipOrders: did you mean ShipOrder?",
        (MACHINE, '"ShipOrders"'),
    ),
    "a StartAt names no state": Mistake(
        MACHINE,
        '"StartAt": "ChargeCard"',
        '"StartAt": "ChargeCards"',
        "there is no state ChargeCards: did you mean ChargeCard?",
        (MACHINE, '"StartAt": "ChargeCards"'),
    ),
    "a state is never reached": Mistake(
        MACHINE,
        '"Default": "Rejected"',
        '"Default": "Shipped"',
        "no state leads to Rejected",
        (MACHINE, '"Rejected": {'),
    ),
    "a comma is missing in the definition": Mistake(
        MACHINE,
        '"Type": "Pass",',
        '"Type": "Pass"',
        "not JSON: Expecting ',' delimiter",
        (MACHINE, '"Comment": "The event'),
    ),
    "an expression is no JSONata": Mistake(
        MACHINE,
        '"Type": "Pass",',
        '"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% 1 + %}",',
        "no JSONata: Unexpected end of expression",
        (MACHINE, '"QueryLanguage": "JSONata"'),
    ),
    "a task has no resource": Mistake(
        MACHINE,
        '"Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",',
        "",
        "task ReserveStock has no Resource",
        (MACHINE, '"ReserveStock": {'),
    ),
    "a task puts no event on the bus": Mistake(
        MACHINE,
        '"Entries": [',
        '"Events": [',
        "task ReserveStock puts no event on the bus: give its Parameters Entries",
        (MACHINE, '"ReserveStock": {'),
    ),
    "a field has the wrong type": Mistake(
        MACHINE, '"TimeoutSeconds": 30', '"TimeoutSeconds": "30"', 'is "30" but should be an Integer', (MACHINE, '"30"')
    ),
    "a state is a list": Mistake(
        MACHINE, '"ShipOrder": {', '"Ship": [], "ShipOrder": {', "States.Ship is [] but should be", (MACHINE, '"Ship"')
    ),
    "a Next is a list": Mistake(
        MACHINE, '"Next": "ReserveStock"', '"Next": []', "ReadStart.Next is [] but should be a String", (MACHINE, "[]")
    ),
    "a Map has no machine in it": Mistake(
        MACHINE, '"Type": "Pass",', '"Type": "Map", "ItemProcessor": null,', "is null but should be", (MACHINE, "null")
    ),
    "what a Choice looks at is a list": Mistake(
        MACHINE,
        '"Variable": "$.reserved.inStock"',
        '"Variable": []',
        "IsAllInStock.Choices.0.Variable is [] but should be a String",
        (MACHINE, '"Variable": []'),
    ),
    "a state is there twice": Mistake(
        MACHINE,
        '"ReserveStock": {',
        '"ReserveStock": {"Type": "Succeed"}, "ReserveStock": {',
        "ReserveStock is there twice, and the last one counts: remove or rename one",
        (MACHINE, '"ReserveStock": {"Type": "Succeed"}'),
    ),
    "a placeholder is misspelt": Mistake(
        MACHINE,
        '"TimeoutSeconds": 30',
        '"TimeoutSeconds": "${TaskTimeoutSecond}"',
        "nothing is known for ${TaskTimeoutSecond}: did you mean TaskTimeoutSeconds?",
        (MACHINE, "${TaskTimeoutSecond}"),
    ),
    "a handler is not recorded": Mistake(
        PICK,
        "@recorded\n",
        "",
        "the handler of pickItem is not recorded: decorate it with @recorded",
        (PICK, "def lambda_handler"),
    ),
    "a handler that is waited for does not answer failures": Mistake(
        PICK,
        "@answers_failure\n",
        "",
        "a state waits for pickItem, which does not answer failures",
        (PICK, "def lambda_handler"),
    ),
    "a side effect answers failures": Mistake(
        "handlers/send_receipt.py",
        "@recorded\n",
        "@recorded\n@answers_failure\n",
        "sendReceipt is a side effect and answers failures: leave out @answers_failure",
        ("handlers/send_receipt.py", "def lambda_handler"),
    ),
    "a handler asks a service that its role does not allow": Mistake(
        PICK,
        "@recorded\n",
        'import boto3\n\nQUEUE = boto3.client("sqs")\n\n@recorded\n',
        "pickItem asks sqs, which its role does not allow: name in its row's `grants` what it may do",
        (PICK, "boto3.client"),
    ),
    "a handler calls what its role does not allow": Mistake(
        "handlers/label_parcel.py",
        "@recorded\n",
        f"{STORAGE}def forget():\n    S3.delete_object(Bucket='b', Key='k')\n\n@recorded\n",
        "labelParcel needs s3:DeleteObject, which its role does not allow: add GrantSpec(('s3:DeleteObject',), ARN)",
        ("handlers/label_parcel.py", "delete_object"),
    ),
    "a handler lists what it may only read": Mistake(
        "handlers/label_parcel.py",
        "@recorded\n",
        f"{STORAGE}PAGES = S3.get_paginator('list_objects_v2').paginate()\n\n@recorded\n",
        "labelParcel needs s3:ListBucket, which its role does not allow",
        ("handlers/label_parcel.py", "get_paginator"),
    ),
    "a state does what nothing is known about": Mistake(
        MACHINE,
        "arn:aws:states:::events:putEvents.waitForTaskToken",
        "arn:aws:states:::aws-sdk:dynamodb:getItem",
        "nothing is known about the permission that arn:aws:states:::aws-sdk:dynamodb:getItem needs: give the machine",
        (MACHINE, "dynamodb"),
    ),
    "a handler is not there": Mistake(
        PICK,
        "def lambda_handler",
        "def handle",
        "handlers.pick_item has no lambda_handler: define one",
        ("stack.py", "pick_item"),
    ),
    "a handler is not Python": Mistake(
        PICK, "def lambda_handler(", "def lambda_handler", "not Python", (PICK, "lambda_handlerevent")
    ),
    "the items of a Map that is not there have a name": Mistake(
        "stack.py",
        '"PickItems": ItemSpec',
        '"PickItem": ItemSpec',
        "the row of OrdersMachine says something of PickItem, which is no Map of it: did you mean PickItems?",
        ("stack.py", '"PickItem"'),
        Severity.WARNING,
    ),
    "a column has the number of items of a Map that is not there": Mistake(
        "stack.py",
        'items_of="PackParcels"',
        'items_of="ReserveStock"',
        "says something of ReserveStock, which is no Map of it: it has PackParcels, PickItems",
        ("stack.py", "items_of"),
        Severity.WARNING,
    ),
    "a part of a package that no function needs is to be packed": Mistake(
        "stack.py",
        "    queues=",
        '    packed={"Tenacity": ("tenacity/*.py",)},\n    queues=',
        "no function takes the package Tenacity along, of which a part is to be packed: did you mean tenacity?",
        ("stack.py", "packed="),
        Severity.WARNING,
    ),
    "a function listens to what nobody emits": Mistake(
        "detail_types.py",
        'RELEASE_STOCK = "releaseStock"',
        'RELEASE_STOCK = "releaseStocks"',
        "nothing emits releaseStocks, which invokes releaseStock: did you mean releaseStock?",
        ("stack.py", "release_stock"),
        Severity.WARNING,
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found_where_it_was_made(
    mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(mistake.file, mistake.old, mistake.new)
    found = [finding for finding in copy.check().findings if mistake.said in str(finding)]
    assert found, "\n".join(copy.check().lines())
    assert found[0].severity is mistake.severity
    file, text = mistake.place
    place = found[0].place
    assert place.file == copy.folder / file
    assert text in place.file.read_text().splitlines()[place.line - 1], place


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_copy(tmp_path, monkeypatch).check().findings == ()


UNREADABLE = {
    "not there": ("stack.py", "{HANDLERS}.pick_item", "{HANDLERS}.pick_items"),
    "not Python": (PICK, "def lambda_handler(", "def lambda_handler"),
}


@pytest.mark.parametrize("edit", UNREADABLE.values(), ids=UNREADABLE)
def test_no_state_is_blamed_for_a_function_whose_code_cannot_be_read(
    edit: tuple[str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(*edit)
    report = copy.check()
    (note,) = [finding for finding in report.findings if "OrdersMachine.PickItem" in finding.message]
    assert (note.severity, report.errors) == (Severity.NOTE, 1)


BUSES = ("arn:aws:events:${Region}:${Account}:event-bus/default", "arn:aws:events:eu-west-1:1:event-bus/default")


@pytest.mark.parametrize("bus", BUSES)
def test_the_accounts_own_bus_may_be_named_by_its_arn(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(MACHINE, '"EventBusName": "default"', f'"EventBusName": "{bus}"')
    assert copy.check().findings == ()


@pytest.mark.parametrize(("key", "value"), [("Source", "invoices"), ("EventBusName", "mybus")])
def test_what_nobody_waits_for_may_be_of_another_source_and_for_another_bus(
    key: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    definition = json.loads((copy.folder / MACHINE).read_text())
    definition["States"]["AnnounceShipping"]["Parameters"]["Entries"][0][key] = value
    (copy.folder / MACHINE).write_text(json.dumps(definition))
    assert copy.check().findings == ()


CALLS = {
    "service is not shown": ("boto3.client(os.environ['KIND'])", "which service pickItem asks here is known only when"),
    "operation is not shown": ("boto3.client('sqs').get_waiter(kind)", "may do what it asks of sqs cannot be seen"),
    "client is not seen to be used": ("helper(boto3.client('sqs'))", "may do what it asks of sqs cannot be seen"),
    "action is not known": ("boto3.client('s3').get_bucket_cors(Bucket='b')", "it asks of s3 cannot be seen"),
    "client is no client": ("boto3.resource('sqs').Queue(url)", "may do what it asks of sqs cannot be seen"),
}
ALLOWED = {
    "by name": "boto3.client('sqs').send_message(QueueUrl=url)",
    "as a batch": "queue = boto3.client('sqs')\n    queue.send_message_batch(QueueUrl=url)",
    "by a pattern": "boto3.client('s3').get_object(Bucket='b', Key='k')",
    "without leave": "boto3.client('sts').get_caller_identity()",
    "all": "boto3.client('dynamodb').describe_limits()",
}
GRANTS = "grants=(GrantSpec(('sqs:SendMessage', 's3:Get*', 'dynamodb:*'), '*'),)"


def checked_with(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Check the orders, where the handler of pickItem has such code and the role some grants."""
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(PICK, "@recorded\n", f"import os\nimport boto3\n\n\ndef ask(url, kind):\n    {code}\n\n\n@recorded\n")
    copy.edit("stack.py", "DetailType.PICK_ITEM, memory", f"DetailType.PICK_ITEM, {GRANTS}, memory")
    copy.edit("stack.py", "    FunctionSpec,\n", "    FunctionSpec,\n    GrantSpec,\n")
    copy.edit("stack.py", "memory_megabytes=128", "variables={'KIND': 'sqs'}, memory_megabytes=128")
    return copy.check()


@pytest.mark.parametrize("case", CALLS.values(), ids=CALLS.keys())
def test_a_call_of_which_the_code_does_not_show_enough_is_noted_and_no_error(
    case: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = case
    (note,) = checked_with(code, tmp_path, monkeypatch).findings
    assert (note.severity, said in note.message) == (Severity.NOTE, True), note


@pytest.mark.parametrize("code", ALLOWED.values(), ids=ALLOWED.keys())
def test_a_call_that_is_granted_is_none_of_its_mistakes(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checked_with(code, tmp_path, monkeypatch).findings == ()


def test_where_nothing_begins_nothing_is_said_to_be_unreached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(MACHINE, '"StartAt": "', '"StartAt": "Not')
    assert [finding.message for finding in copy.check().findings] == ["there is no state NotReadStart"]


def test_a_function_whose_code_does_not_show_what_it_emits_is_noted_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_copy(tmp_path, monkeypatch)
    copy.edit(PICK, "emit(event, DetailType.DONE,", "emit(event, event['detail']['answer'],")
    report = copy.check()
    assert report.errors == 0
    (note,) = report.findings
    assert (note.severity, "cannot be seen" in note.message) == (Severity.NOTE, True)
