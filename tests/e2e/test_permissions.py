"""Nothing is allowed for nothing: whichever statement of the policies is taken away, something is denied."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.settings import load_settings
from bootstrap.stack import STACK
from emulator.options import options_of
from emulator.server import Server
from observatory.story.denials import denied
from observatory.story.story import Story, tell
from testkit.breaking import break_function
from testkit.ports import free_port
from testkit.waiting import wait_for
from tests.e2e.breaking import HANDLER, mend
from tests.e2e.runs import Runs
from tests.permissions import document

Statement = dict[str, Any]

# Runs of every kind: one that succeeds, one whose first function fails, one whose function is killed.
STARTS: list[dict[str, Any]] = [{"people": 1}, {"people": -1}, {"people": 1, "how": {"*": "exit"}}]

# One that the run waits for, and one that it does not.
MAY_FAIL = {"postProcessSingle": "post_process_single", "sideEffect": "side_effect"}


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


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """A bootstrapped account of its own, where policies may be taken away and functions may fail."""
    settings = load_settings({"ASYNC_RETRIES": "0"})
    with Server(tmp_path_factory.mktemp("permissions"), free_port()).running(options_of(settings)) as server:
        clients = Clients(load_settings({"AWS_ENDPOINT_URL": server.endpoint_url, "ASYNC_RETRIES": "0"}))
        deploy.up(clients, on_change=lambda _change: None)
        yield clients


def policies_of(clients: Clients) -> list[Policy]:
    """All policies that there are in an account, trust policies aside."""
    return [*_of_roles(clients), *_of_functions(clients), *_of_log_groups(clients), *_of_queues(clients)]


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


def _put_targets_again(clients: Clients) -> None:
    for rule in clients.events.list_rules()["Rules"]:
        targets: Any = clients.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if any(":logs:" in target["Arn"] for target in targets):
            clients.events.put_targets(Rule=rule["Name"], Targets=targets)


def denials_of(clients: Clients) -> list[dict[str, Any]]:
    url = f"{clients.settings.endpoint_url}/_sandbox/denials"
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own http URL
        listed_denials: list[dict[str, Any]] = json.load(answer)
    return listed_denials


def is_held_back(policy: Policy, statement: Statement, gone: list[tuple[Policy, Statement]]) -> bool:
    """Whether a statement is given back later: the finisher says that it may not hand a token back while that is so."""
    says_why_not = any(other is policy and "events:PutEvents" in listed(one["Action"]) for other, one in gone)
    return says_why_not and "states:SendTaskSuccess" in listed(statement["Action"])


def test_each_statement_that_is_taken_away_is_missed(clients: Clients) -> None:
    """All are taken away at once; each is given back when it has been missed, until nothing is missing."""
    for name, module in MAY_FAIL.items():
        break_function(clients, name, HANDLER.format(module=module))
    runs, policies = Runs(clients), policies_of(clients)
    gone = [(policy, one) for policy in policies for one in policy.statements]
    assert len(gone) > len(policies)
    for policy in policies:
        policy.put([])

    while gone:
        seen = len(denials_of(clients))
        for start in STARTS:
            runs.start(**start)

        def missed(seen: int = seen) -> list[tuple[Policy, Statement]]:
            new = denials_of(clients)[seen:]
            found = [(policy, one) for policy, one in gone if any(policy.misses(denial) is one for denial in new)]
            return [each for each in found if not is_held_back(*each, gone)]

        for policy, one in wait_for(f"a denial for one of {[(p.owner, s['Action']) for p, s in gone]}", missed):
            gone.remove((policy, one))
            policy.put([kept for kept in policy.statements if (policy, kept) not in gone])
    mend(clients)
    assert runs.run(people=1).report


def test_what_a_run_was_denied_is_told_with_it_and_its_statement_allows_it(clients: Clients) -> None:
    runs = Runs(clients)
    policy = next(one for one in policies_of(clients) if ":role/sideEffectRole" in one.owner)
    kept = [one for one in policy.statements if "events:PutEvents" not in listed(one["Action"])]

    policy.put(kept)
    job = runs.run(people=1).job
    (denial,) = wait_for("the denial", lambda: denied(tell(clients, STACK, job)))
    assert denial.sentence.startswith("sideEffect may not events:PutEvents on arn:aws:events:")
    assert denial.policy == f"a policy of {policy.owner}"
    policy.put([*kept, dict(denial.statement)])
    job = runs.run(people=1).job
    story = wait_for("its side effect", lambda: _with_event(tell(clients, STACK, job), "async.done"))
    assert denied(story) == ()


def _with_event(story: Story, detail_type: str) -> Story | None:
    """A story, once it has an event."""
    return story if any(event.type == detail_type for event in story.events) else None


def test_no_role_may_do_what_its_policies_do_not_say(clients: Clients) -> None:
    for role in clients.iam.list_roles()["Roles"]:
        made = clients.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="tests")["Credentials"]
        session = boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], "us-east-1")
        iam = session.client("iam", endpoint_url=clients.settings.endpoint_url)
        with pytest.raises(ClientError, match="not authorized to perform: iam:CreateUser"):
            iam.create_user(UserName="intruder")
