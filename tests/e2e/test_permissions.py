"""Nothing is allowed for nothing: whichever statement of the policies is taken away, something is denied."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import DEFAULT_STACK, load_settings
from emulator.options import options_of
from emulator.server import Server
from observatory.runs.starting import fire
from observatory.story.denials import denied
from observatory.story.story import Story, tell
from testkit.breaking import break_function
from testkit.ports import free_port
from testkit.waiting import wait_for
from testkit.workflow import Workflow
from tests.e2e.breaking import HANDLER, mend
from tests.permissions import document

Statement = dict[str, Any]

ORDER: dict[str, Any] = {"id": "A-1", "card": "visa", "lines": [{"sku": "tea", "quantity": 2}, {"sku": "mug"}]}
EXITS = """
import os

from examples.orders.handlers.reserve_stock import lambda_handler as handle


def lambda_handler(event, context):
    if event["detail"]["start"].get("how") == "exit":
        os._exit(3)
    handle(event, context)
"""


@dataclass(frozen=True)
class Example:
    """A stack, and what brings about all that it may do.

    Args:
        module: The stack's module.
        puts: Events, by detail type: those that start runs of every kind, and others.
        broken: The code of functions that may fail.
    """

    module: str
    puts: tuple[tuple[str, dict[str, Any]], ...]
    broken: dict[str, str]


EXAMPLES = (
    Example(
        DEFAULT_STACK,
        # A run that succeeds, one whose first function fails, one whose function is killed.
        (("start", {"people": 1}), ("start", {"people": -1}), ("start", {"people": 1, "how": {"*": "exit"}})),
        # One that the run waits for, and one that it does not.
        {
            "postProcessSingle": HANDLER.format(module="post_process_single"),
            "sideEffect": HANDLER.format(module="side_effect"),
        },
    ),
    Example(
        "examples.orders.stack",
        (
            ("orderPlaced", ORDER),
            ("orderReopened", ORDER),
            ("orderPlaced", {**ORDER, "card": "declined"}),
            ("orderPlaced", {**ORDER, "how": "exit"}),
            # Neither the receipt nor the carrier can do anything with it.
            ("orderShipped", {}),
        ),
        {"reserveStock": EXITS},
    ),
)


@dataclass(frozen=True)
class Policy:
    """A policy that the bootstrap made.

    Args:
        owner: Of a role, its ARN; of a resource, the beginning of what it protects.
        statements: What it says.
        put: Lets it say something else.
    """

    owner: str
    statements: list[Statement]
    put: Callable[[list[Statement]], object]

    def misses(self, denial: dict[str, Any]) -> Statement | None:
        """The statement that something was denied for, if it is one of these."""
        _policy_of, _, owner = denial["policy"].partition(" of ")
        if owner != self.owner and not (denial["policy"].startswith("the policy") and owner.startswith(self.owner)):
            return None
        named = (one for one in self.statements if denial["action"] in listed(one["Action"]))
        return next(named, None)


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda example: example.module)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


@pytest.fixture(scope="module")
def clients(example: Example, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """A bootstrapped account of its own, where policies may be taken away and functions may fail."""
    chosen = {"ASYNC_RETRIES": "0", "STACK": example.module}
    settings = load_settings(chosen)
    with Server(tmp_path_factory.mktemp("permissions"), free_port()).running(options_of(settings)) as server:
        clients = Clients(load_settings({"AWS_ENDPOINT_URL": server.endpoint_url, **chosen}))
        deploy.up(clients, on_change=lambda _change: None)
        yield clients


def policies_of(clients: Clients) -> list[Policy]:
    """All policies that there are in the accounts of a stack, trust policies aside."""
    accounts = (clients, *map(clients.of_account, clients.stack.other_accounts))
    readers = (_of_roles, _of_functions, _of_log_groups, _of_queues, _of_buses)
    return [policy for account in accounts for read in readers for policy in read(account)]


def _of_roles(clients: Clients) -> Iterator[Policy]:
    for role in clients.iam.list_roles()["Roles"]:
        for name in clients.iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            where = {"RoleName": role["RoleName"], "PolicyName": name}
            found: Any = clients.iam.get_role_policy(**where)
            statements = found["PolicyDocument"]["Statement"]

            def put(some: list[Statement], where: Any = where) -> None:
                if some:
                    clients.iam.put_role_policy(**where, PolicyDocument=document(*some))
                else:
                    clients.iam.delete_role_policy(**where)

            yield Policy(role["Arn"], statements, put)


def _of_functions(clients: Clients) -> Iterator[Policy]:
    for function in clients.lambda_.list_functions()["Functions"]:
        name = function["FunctionName"]
        statements = json.loads(clients.lambda_.get_policy(FunctionName=name)["Policy"])["Statement"]

        def put(some: list[Statement], name: str = name, statements: Any = statements) -> None:
            for one in statements:
                try:
                    clients.lambda_.remove_permission(FunctionName=name, StatementId=one["Sid"])
                except clients.lambda_.exceptions.ResourceNotFoundException:
                    continue
            for one in some:
                (source,) = one["Condition"]["ArnLike"].values()
                clients.lambda_.add_permission(
                    FunctionName=name,
                    StatementId=one["Sid"],
                    Action=one["Action"],
                    Principal=one["Principal"]["Service"],
                    SourceArn=source,
                )

        yield Policy(function["FunctionArn"], statements, put)


def _of_log_groups(clients: Clients) -> Iterator[Policy]:
    for policy in clients.logs.describe_resource_policies()["resourcePolicies"]:
        statements = json.loads(policy["policyDocument"])["Statement"]

        def put(some: list[Statement], name: str = policy["policyName"]) -> None:
            clients.logs.put_resource_policy(policyName=name, policyDocument=document(*some))
            # A rule makes its stream once.
            _put_targets_again(clients)

        yield Policy(statements[0]["Resource"].removesuffix("*"), statements, put)


def _of_queues(clients: Clients) -> Iterator[Policy]:
    for url in clients.sqs.list_queues().get("QueueUrls", []):
        found = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
        if "Policy" not in found:
            continue

        def put(some: list[Statement], url: str = url) -> None:
            clients.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(*some) if some else ""})

        yield Policy(found["QueueArn"], json.loads(found["Policy"])["Statement"], put)


def _of_buses(clients: Clients) -> Iterator[Policy]:
    bus: Any = clients.events.describe_event_bus()
    if not bus.get("Policy"):
        return
    statements = json.loads(bus["Policy"])["Statement"]

    def put(some: list[Statement]) -> None:
        if some:
            clients.events.put_permission(EventBusName="default", Policy=document(*some))
        else:
            clients.events.remove_permission(EventBusName="default", RemoveAllPermissions=True)

    yield Policy(bus["Arn"], statements, put)


def _put_targets_again(clients: Clients) -> None:
    for rule in clients.events.list_rules()["Rules"]:
        targets: Any = clients.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if any(":logs:" in target["Arn"] for target in targets):
            clients.events.put_targets(Rule=rule["Name"], Targets=targets)


def denials_since(moment: datetime, clients: Clients) -> list[dict[str, Any]]:
    url = f"{clients.settings.endpoint_url}/_sandbox/denials?since={quote(moment.isoformat(timespec='milliseconds'))}"
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own http URL
        listed_denials: list[dict[str, Any]] = json.load(answer)
    return listed_denials


def test_each_statement_that_is_taken_away_is_missed(clients: Clients, example: Example) -> None:
    """All are taken away at once; each is given back when it has been missed, until nothing is missing.

    The finisher's are given back together: it says why it could not hand a token back only when it could not.
    """
    for name, code in example.broken.items():
        break_function(clients, name, code)
    policies = policies_of(clients)
    gone = [(policy, one) for policy in policies for one in policy.statements]
    assert len(gone) > len(policies)
    began = datetime.now(UTC)
    for policy in policies:
        policy.put([])

    while gone:
        for detail_type, detail in example.puts:
            fire(clients, clients.stack.source, detail_type, detail)

        def missed(gone: list[tuple[Policy, Statement]] = gone) -> list[tuple[Policy, Statement]]:
            denials = denials_since(began, clients)
            return [(policy, one) for policy, one in gone if any(policy.misses(denial) is one for denial in denials)]

        found = wait_for(f"a denial for one of {[(p.owner, s['Action']) for p, s in gone]}", missed)
        gone = [one for one in gone if one not in found]
        for policy, _one in found:
            kept = [one for one in policy.statements if (policy, one) not in gone]
            if f":role/{clients.stack.finisher}Role" not in policy.owner or kept == policy.statements:
                policy.put(kept)
    mend(clients)
    run = Workflow(clients).run(example.puts[0][1])
    assert run.status == "SUCCEEDED"


def test_what_a_run_was_denied_is_told_with_it_and_its_statement_allows_it(clients: Clients, example: Example) -> None:
    runs, stack = Workflow(clients), clients.stack
    function = next(one for one in stack.functions if not one.waited_for)
    policy = next(one for one in policies_of(clients) if f":role/{function.name}Role" in one.owner)
    kept = [one for one in policy.statements if "events:PutEvents" not in listed(one["Action"])]

    policy.put(kept)
    job = runs.run(example.puts[0][1]).job
    (denial,) = wait_for("the denial", lambda: denied(tell(clients, stack, job)))
    assert denial.sentence.startswith(f"{function.name} may not events:PutEvents on arn:aws:events:")
    assert denial.policy == f"a policy of {policy.owner}"
    policy.put([*kept, dict(denial.statement)])
    job = runs.run(example.puts[0][1]).job
    story = wait_for("its side effect", lambda: _with_event_of(function.name, tell(clients, stack, job)))
    assert denied(story) == ()


def _with_event_of(function: str, story: Story) -> Story | None:
    """A story, once a function has emitted something."""
    return story if any(event.function == function for event in story.events) else None


def test_no_role_may_do_what_its_policies_do_not_say(clients: Clients) -> None:
    for role in clients.iam.list_roles()["Roles"]:
        made = clients.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tests")["Credentials"]
        session = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], "us-east-1")
        iam = session.client("iam", endpoint_url=clients.settings.endpoint_url)
        with pytest.raises(ClientError, match="not authorized to perform: iam:CreateUser"):
            iam.create_user(UserName="intruder")
