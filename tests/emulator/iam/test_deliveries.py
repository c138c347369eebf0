"""Events reach functions, queues, log groups and buses only where these let them in."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from testkit.waiting import wait_for, wait_until_in_use
from tests.emulator.iam.conftest import OTHER, OWN, REGION, Account, allow, unique
from tests.permissions import document

ARN = f"arn:aws:{{}}:{REGION}:{OWN}:{{}}"
EVENTBRIDGE = {"Service": "events.amazonaws.com"}
RETURNS = "def lambda_handler(event, context):\n    return event\n"
RAISES = "def lambda_handler(event, context):\n    raise ValueError('never')\n"


class Rule:
    """A rule of its own, on the events of a source of its own, and a queue for what it cannot deliver."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._events = account.client("events")
        self.name = unique("rule")
        self.arn = ARN.format("events", f"rule/{self.name}")
        self.dead = Queue(account)
        self.dead.let_in(EVENTBRIDGE, self.arn)
        self._events.put_rule(Name=self.name, EventPattern=json.dumps({"source": [self.name]}))

    def send(self, target: str, **settings: Any) -> None:
        """Send an event to a target."""
        target_of: dict[str, Any] = {"Id": "1", "Arn": target, "DeadLetterConfig": {"Arn": self.dead.arn}, **settings}
        self._events.put_targets(Rule=self.name, Targets=[target_of])
        self._events.put_events(Entries=[{"Source": self.name, "DetailType": "any", "Detail": "{}"}])

    def refused(self) -> dict[str, str]:
        """What is said of an event that was not delivered."""
        message = self.dead.receive()
        return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


class Queue:
    """A queue of its own."""

    def __init__(self, account: Account) -> None:
        self._sqs = account.client("sqs")
        name = unique("queue")
        self.url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:{REGION}:{account.number}:{name}"

    def let_in(self, principal: dict[str, str], source: str) -> None:
        """Let a service send to it for one source."""
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        statement = allow("sqs:SendMessage", self.arn, Principal=principal, Condition=condition)
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": document(statement)})

    def receive(self) -> Any:
        """Wait for a message."""

        def received() -> Any:
            answer = self._sqs.receive_message(QueueUrl=self.url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
            return answer.get("Messages")

        return wait_for("a message", received)[0]


class Function:
    """A function of its own, in a role that nothing but Lambda may act in."""

    def __init__(self, account: Account, code: str = RETURNS, *statements: dict[str, Any]) -> None:
        self._functions = account.client("lambda")
        self.role = account.make_role(*statements, trusted={"Service": "lambda.amazonaws.com"})
        self.name = unique("function")
        self.arn = ARN.format("lambda", f"function:{self.name}")
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("app.py", code)
        self._functions.create_function(
            FunctionName=self.name,
            Role=f"arn:aws:iam::{OWN}:role/{self.role}",
            Code={"ZipFile": package.getvalue()},
            Runtime="python3.13",
            Handler="app.lambda_handler",
        )
        wait_until_in_use(self._functions, self.name)

    def let_in(self, source: str) -> None:
        """Let a rule invoke it."""
        self._functions.add_permission(
            FunctionName=self.name,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal=EVENTBRIDGE["Service"],
            SourceArn=source,
        )

    def invoke(self) -> Any:
        """What it answers the root of the account."""
        return json.load(self._functions.invoke(FunctionName=self.name, Payload=b"{}")["Payload"])


@pytest.fixture
def rule(account: Account) -> Rule:
    return Rule(account)


@pytest.fixture(scope="module")
def function(account: Account) -> Function:
    """It may write its log."""
    return Function(account, RETURNS, allow("logs:*"))


def last_denial(account: Account, action: str) -> dict[str, Any]:
    """The last time that an action was denied."""
    return next(denial for denial in reversed(account.denials()) if denial["action"] == action)


def test_a_function_is_invoked_only_for_a_rule_that_it_lets_in(
    account: Account, rule: Rule, function: Function
) -> None:
    rule.send(function.arn)
    said = rule.refused()
    assert (said["ERROR_CODE"], said["RETRY_ATTEMPTS"]) == ("NO_PERMISSIONS", "0")
    assert "no resource-based policy allows the lambda:InvokeFunction action" in said["ERROR_MESSAGE"]
    denial = last_denial(account, "lambda:InvokeFunction")
    assert denial["statement"] == {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": function.arn,
        "Principal": EVENTBRIDGE,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}},
    }
    function.let_in(rule.arn)
    rule.send(function.arn)
    group = f"/aws/lambda/{function.name}"
    wait_for("its log", lambda: account.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    other = Rule(account)
    other.send(function.arn)
    assert other.refused()["ERROR_CODE"] == "NO_PERMISSIONS"


def test_a_queue_takes_events_only_of_a_rule_that_it_lets_in(account: Account, rule: Rule) -> None:
    queue = Queue(account)
    rule.send(queue.arn)
    assert rule.refused()["ERROR_CODE"] == "NO_PERMISSIONS"
    queue.let_in(EVENTBRIDGE, rule.arn)
    rule.send(queue.arn)
    assert json.loads(queue.receive()["Body"])["source"] == rule.name


def test_a_dead_letter_queue_that_lets_nobody_in_stays_empty(account: Account, rule: Rule, function: Function) -> None:
    rule.dead.let_in(EVENTBRIDGE, "arn:aws:events:us-east-1:000000000000:rule/another")
    rule.send(function.arn)
    wait_for("the denial", lambda: last_denial(account, "sqs:SendMessage")["resource"] == rule.dead.arn)


@pytest.fixture
def log_policy(account: Account) -> Iterator[Callable[..., None]]:
    """Sets the account's policy for log groups; it is gone in the end."""
    logs, name = account.client("logs"), unique("policy")

    def put(*statements: dict[str, Any]) -> None:
        logs.put_resource_policy(policyName=name, policyDocument=document(*statements))

    yield put
    logs.delete_resource_policy(policyName=name)


@pytest.mark.parametrize("missing", ["logs:CreateLogStream", "logs:PutLogEvents"])
def test_a_log_group_takes_events_only_of_a_rule_that_a_policy_lets_in(
    account: Account, rule: Rule, log_policy: Callable[..., None], missing: str
) -> None:
    logs, group = account.client("logs"), f"/aws/events/{unique('group')}"
    logs.create_log_group(logGroupName=group)
    arn = ARN.format("logs", f"log-group:{group}")
    to_rule = {"Principal": EVENTBRIDGE, "Resource": f"{arn}:*", "Effect": "Allow"}
    creates = {**to_rule, "Action": "logs:CreateLogStream"}
    puts = {**to_rule, "Action": "logs:PutLogEvents", "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}}}
    log_policy(*(one for one in (creates, puts) if one["Action"] != missing))
    rule.send(arn)
    wait_for("the denial", lambda: any(group in one["resource"] for one in account.denials()))
    assert last_denial(account, missing)["resource"].startswith(f"{arn}:log-stream:")
    log_policy(creates, puts)
    other = [*logs.filter_log_events(logGroupName=group)["events"]]
    assert other == []
    rule.send(arn)
    wait_for("the event", lambda: logs.filter_log_events(logGroupName=group)["events"])


@pytest.mark.parametrize("has_role", [False, True])
def test_another_accounts_bus_takes_events_only_if_it_lets_that_account_in(
    account: Account, other: Account, rule: Rule, has_role: bool
) -> None:
    bus = unique("bus")
    arn = other.client("events").create_event_bus(Name=bus)["EventBusArn"]
    settings = {}
    if has_role:
        role = account.make_role(allow("events:PutEvents", arn), trusted=EVENTBRIDGE)
        settings["RoleArn"] = f"arn:aws:iam::{OWN}:role/{role}"
    rule.send(arn, **settings)
    assert rule.refused()["ERROR_CODE"] == "NO_PERMISSIONS"
    other.client("events").put_permission(
        EventBusName=bus, Action="events:PutEvents", Principal=OWN, StatementId="neighbour"
    )
    heard = Queue(other)
    listening = unique("rule")
    events = other.client("events")
    events.put_rule(Name=listening, EventBusName=bus, EventPattern=json.dumps({"source": [rule.name]}))
    heard.let_in(EVENTBRIDGE, f"arn:aws:events:{REGION}:{OTHER}:rule/{bus}/{listening}")
    events.put_targets(Rule=listening, EventBusName=bus, Targets=[{"Id": "1", "Arn": heard.arn}])
    rule.send(arn, **settings)
    assert json.loads(heard.receive()["Body"])["account"] == OWN


def test_a_rule_starts_machines_only_as_its_role_may(account: Account, rule: Rule) -> None:
    machine = make_machine(account, account.make_role(trusted={"Service": "states.amazonaws.com"}))
    role = account.make_role(trusted=EVENTBRIDGE)
    arn = f"arn:aws:iam::{OWN}:role/{role}"
    rule.send(machine, RoleArn=arn)
    said = rule.refused()
    assert said["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "no identity-based policy allows the states:StartExecution action" in said["ERROR_MESSAGE"]
    account.allow(role, allow("states:StartExecution", machine))
    rule.send(machine, RoleArn=arn)
    wait_for(
        "the execution", lambda: account.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    )


def make_machine(account: Account, role: str) -> str:
    """A machine that does nothing; return its ARN."""
    definition = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
    made = account.client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=f"arn:aws:iam::{OWN}:role/{role}"
    )
    arn: str = made["stateMachineArn"]
    return arn


def test_a_failed_event_reaches_its_destination_only_as_the_functions_role_may(account: Account) -> None:
    queue, function = Queue(account), Function(account, RAISES)
    functions = account.client("lambda")
    functions.put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue.arn}},
    )
    functions.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"number": 1}')
    wait_for("the denial", lambda: any(one["resource"] == queue.arn for one in account.denials()))
    assert last_denial(account, "sqs:SendMessage")["policy"] == f"a policy of arn:aws:iam::{OWN}:role/{function.role}"
    account.allow(function.role, allow("sqs:SendMessage", queue.arn))
    functions.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"number": 2}')
    assert json.loads(queue.receive()["Body"])["requestPayload"] == {"number": 2}


def test_a_bucket_notifies_only_a_queue_that_lets_it_in(account: Account) -> None:
    s3, bucket, queue = account.client("s3"), unique("bucket"), Queue(account)
    s3.create_bucket(Bucket=bucket)
    told: Any = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    queue.let_in({"Service": "s3.amazonaws.com"}, f"arn:aws:s3:::{bucket}")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    s3.put_object(Bucket=bucket, Key="stored", Body=b"")
    wait_for("the object", lambda: "stored" in queue.receive()["Body"])


def test_a_function_writes_its_log_only_as_its_role_may(account: Account) -> None:
    function, logs = Function(account), account.client("logs")
    group = f"/aws/lambda/{function.name}"
    needed = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    for number, action in enumerate(needed):
        account.allow(function.role, allow("sts:GetCallerIdentity"), *map(allow, needed[:number]))
        function.invoke()
        assert last_denial(account, action)["resource"].startswith(ARN.format("logs", f"log-group:{group}:log-stream:"))
        assert not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    account.allow(function.role, *map(allow, needed))
    function.invoke()
    assert logs.filter_log_events(logGroupName=group)["events"]


def test_a_function_whose_role_lost_its_trust_cannot_be_invoked(account: Account, function: Function) -> None:
    iam, role = account.client("iam"), function.role
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    elsewhere = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document(elsewhere))
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        function.invoke()
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    assert function.invoke() == {}
