"""AWS's documented examples and tables of how policies are evaluated, and what holds for all policies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.iam.evaluation import Decision, Kind, Policies, Principal, Reason, Request, decide
from emulator.iam.policies import Policy, policy_of

OWN, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{OWN}:role/worker"
SESSION = Principal(Kind.ROLE, OWN, f"arn:aws:sts::{OWN}:assumed-role/worker/s", ROLE)
USER = Principal(Kind.USER, OWN, f"arn:aws:iam::{OWN}:user/ana")
ROOT = Principal(Kind.ROOT, OWN, f"arn:aws:iam::{OWN}:root")
EVENTS = Principal(Kind.SERVICE, "", "events.amazonaws.com")
ANYONE = Principal(Kind.ANONYMOUS, "", "anonymous")
BUCKET = "arn:aws:s3:::bucket"
OBJECT = f"{BUCKET}/key"


def policy(effect: str = "Allow", **elements: Any) -> Policy:
    """A policy with one statement, about reading objects unless it says otherwise."""
    statement = {"Effect": effect, **elements}
    if not elements.keys() & {"Action", "NotAction"}:
        statement["Action"] = "s3:GetObject"
    if not elements.keys() & {"Resource", "NotResource"}:
        statement["Resource"] = "*"
    return policy_of(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def reading(principal: Principal, account: str = OWN, values: dict[str, str] | None = None) -> Request:
    given = tuple((key, (value,)) for key, value in (values or {}).items())
    return Request(principal, "s3:GetObject", OBJECT, account, given)


def to(*names: str) -> Policy:
    return policy(Principal={"AWS": list(names)})


ALLOWS, DENIES, SILENT = policy(), policy("Deny"), policy(Action="s3:PutObject")
TO_ALL, DENIES_ALL = policy(Principal="*"), policy("Deny", Principal="*")

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
# and, for boundaries and sessions beside resource policies,
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
WITHIN_AN_ACCOUNT: list[tuple[Principal, Policies, Reason | None]] = [
    (SESSION, Policies(), Reason.NO_IDENTITY),
    (SESSION, Policies(identity=(ALLOWS,)), None),
    (SESSION, Policies(identity=(SILENT,)), Reason.NO_IDENTITY),
    (SESSION, Policies(identity=(SILENT, ALLOWS)), None),
    (SESSION, Policies(identity=(ALLOWS, DENIES)), Reason.DENIED_BY_IDENTITY),
    (SESSION, Policies(identity=(ALLOWS,), boundary=(ALLOWS,)), None),
    (SESSION, Policies(identity=(ALLOWS,), boundary=(SILENT,)), Reason.NO_BOUNDARY),
    (SESSION, Policies(identity=(ALLOWS,), boundary=(ALLOWS, DENIES)), Reason.DENIED_BY_BOUNDARY),
    (SESSION, Policies(identity=(), boundary=(ALLOWS,)), Reason.NO_IDENTITY),
    (SESSION, Policies(identity=(ALLOWS,), session=(ALLOWS,)), None),
    (SESSION, Policies(identity=(ALLOWS,), session=(SILENT,)), Reason.NO_SESSION),
    (SESSION, Policies(identity=(ALLOWS,), session=(ALLOWS, DENIES)), Reason.DENIED_BY_SESSION),
    (SESSION, Policies(identity=(ALLOWS,), boundary=(ALLOWS,), session=(ALLOWS,)), None),
    (SESSION, Policies(identity=(ALLOWS,), resource=(DENIES_ALL,)), Reason.DENIED_BY_RESOURCE),
    (SESSION, Policies(resource=(to(ROLE),)), None),
    (SESSION, Policies(resource=(to(ROLE),), boundary=(SILENT,)), Reason.NO_BOUNDARY),
    (SESSION, Policies(resource=(to(ROLE),), session=(SILENT,)), Reason.NO_SESSION),
    (SESSION, Policies(resource=(to(SESSION.arn),), boundary=(SILENT,), session=(SILENT,)), None),
    (SESSION, Policies(resource=(to(SESSION.arn),), boundary=(DENIES,)), Reason.DENIED_BY_BOUNDARY),
    (SESSION, Policies(resource=(TO_ALL,), boundary=(SILENT,), session=(SILENT,)), None),
    (SESSION, Policies(resource=(to(ROOT.arn),)), Reason.NO_IDENTITY),
    (SESSION, Policies(resource=(to(OWN),)), Reason.NO_IDENTITY),
    (SESSION, Policies(resource=(to(USER.arn),)), Reason.NO_IDENTITY),
    (USER, Policies(resource=(to(USER.arn),), boundary=(SILENT,)), None),
    (USER, Policies(identity=(ALLOWS,), boundary=(SILENT,)), Reason.NO_BOUNDARY),
    (USER, Policies(), Reason.NO_IDENTITY),
    (ROOT, Policies(), None),
    (ROOT, Policies(resource=(DENIES_ALL,)), Reason.DENIED_BY_RESOURCE),
    (ROOT, Policies(resource=(to(ROLE),)), None),
    (EVENTS, Policies(), Reason.NO_RESOURCE),
    (EVENTS, Policies(resource=(policy(Principal={"Service": EVENTS.arn}),)), None),
    (EVENTS, Policies(resource=(policy(Principal={"Service": "s3.amazonaws.com"}),)), Reason.NO_RESOURCE),
    (EVENTS, Policies(resource=(to(ROOT.arn),)), Reason.NO_RESOURCE),
    (ANYONE, Policies(), Reason.NO_RESOURCE),
    (ANYONE, Policies(resource=(TO_ALL,)), None),
    (ANYONE, Policies(resource=(to("*"),)), None),
    (ANYONE, Policies(resource=(to(ROLE),)), Reason.NO_RESOURCE),
]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
ACROSS_ACCOUNTS: list[tuple[Principal, Policies, Reason | None]] = [
    (SESSION, Policies(identity=(ALLOWS,)), Reason.NO_RESOURCE),
    (SESSION, Policies(resource=(to(ROLE),)), Reason.NO_IDENTITY),
    (SESSION, Policies(identity=(ALLOWS,), resource=(to(ROLE),)), None),
    (SESSION, Policies(identity=(ALLOWS,), resource=(to(ROOT.arn),)), None),
    (SESSION, Policies(identity=(ALLOWS,), resource=(TO_ALL,)), None),
    (SESSION, Policies(identity=(ALLOWS,), resource=(to(f"arn:aws:iam::{OTHER}:root"),)), Reason.NO_RESOURCE),
    (SESSION, Policies(identity=(ALLOWS,), resource=(to(SESSION.arn),), session=(SILENT,)), Reason.NO_SESSION),
    (SESSION, Policies(identity=(ALLOWS,), resource=(to(ROLE), DENIES_ALL)), Reason.DENIED_BY_RESOURCE),
    (SESSION, Policies(identity=(ALLOWS, DENIES), resource=(to(ROLE),)), Reason.DENIED_BY_IDENTITY),
    (ROOT, Policies(), Reason.NO_RESOURCE),
    (ROOT, Policies(resource=(to(ROOT.arn),)), None),
    (EVENTS, Policies(resource=(policy(Principal={"Service": EVENTS.arn}),)), None),
]


@pytest.mark.parametrize(("principal", "policies", "reason"), WITHIN_AN_ACCOUNT)
def test_within_an_account(principal: Principal, policies: Policies, reason: Reason | None) -> None:
    assert decide(reading(principal), policies).reason is reason


@pytest.mark.parametrize(("principal", "policies", "reason"), ACROSS_ACCOUNTS)
def test_across_accounts(principal: Principal, policies: Policies, reason: Reason | None) -> None:
    assert decide(reading(principal, OTHER), policies).reason is reason


# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html: the trust policy always has its say.
@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (Policies(identity=(ALLOWS,)), Reason.NO_RESOURCE),
        (Policies(identity=(ALLOWS,), resource=(to(ROOT.arn),)), None),
        (Policies(resource=(to(ROOT.arn),)), Reason.NO_IDENTITY),
        (Policies(resource=(to(ROLE),)), None),
    ],
)
def test_a_trust_policy_decides_also_within_an_account(policies: Policies, reason: Reason | None) -> None:
    assert decide(reading(SESSION), policies, resource_decides=True).reason is reason


@pytest.mark.parametrize(
    ("elements", "allowed"),
    [
        ({"Action": "s3:Get*"}, True),
        ({"Action": "S3:getobject"}, True),
        ({"Action": "s3:GetObjec?"}, True),
        ({"Action": "s3:GetObjectAcl"}, False),
        ({"Action": "*"}, True),
        ({"Action": ["s3:PutObject", "s3:GetObject"]}, True),
        ({"NotAction": "s3:Put*"}, True),
        ({"NotAction": "s3:*"}, False),
        ({"Resource": OBJECT}, True),
        ({"Resource": BUCKET}, False),
        ({"Resource": f"{BUCKET}/*"}, True),
        ({"Resource": f"{BUCKET}/KEY"}, False),
        ({"Resource": "arn:aws:s3:::buck?t/k*"}, True),
        ({"Resource": "arn:aws:s3:*"}, True),
        ({"Resource": "arn:aws:*:::bucket/key"}, True),
        ({"Resource": "arn:aws:sqs:*:*:*"}, False),
        ({"NotResource": f"{BUCKET}/*"}, False),
        ({"NotResource": "arn:aws:s3:::other/*"}, True),
        ({"Resource": "arn:aws:s3:::bucket/${aws:PrincipalTag/team}"}, False),
        ({"Resource": "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'key'}"}, True),
        ({"Resource": "arn:aws:s3:::bucket/${aws:username}"}, True),
        ({"Resource": "arn:aws:s3:::bucket/${s3:prefix}"}, False),
        ({"Resource": "arn:aws:s3:::bucket/${*}"}, False),
    ],
)
def test_a_statement_is_about_what_its_patterns_say(elements: dict[str, Any], allowed: bool) -> None:
    request = reading(SESSION, values={"aws:username": "key", "s3:prefix": "*"})
    assert decide(request, Policies(identity=(policy(**elements),))).allowed is allowed


def test_all_but_those_whom_a_statement_excludes_are_denied() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    denies = policy("Deny", NotPrincipal={"AWS": [USER.arn, ROOT.arn]})
    reasons = [
        decide(reading(one), Policies(identity=(ALLOWS,), resource=(denies,))).reason for one in (USER, ROOT, SESSION)
    ]
    assert reasons == [None, None, Reason.DENIED_BY_RESOURCE]


def test_an_old_policy_knows_no_variables() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/${aws:username}"}
    old = policy_of(json.dumps({"Version": "2008-10-17", "Statement": statement}))
    request = reading(SESSION, values={"aws:username": "key"})
    assert not decide(request, Policies(identity=(old,))).allowed
    literal = request._replace(resource="arn:aws:s3:::bucket/${aws:username}")
    assert decide(literal, Policies(identity=(old,))).allowed


def test_what_cannot_be_known_denies_and_is_named() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    request = reading(SESSION)._replace(unknown=frozenset({"aws:resourcetag/team"}))
    for policies in (
        Policies(identity=(policy(Condition=condition),)),
        Policies(identity=(ALLOWS, policy("Deny", Condition=condition))),
    ):
        decision = decide(request, policies)
        assert (decision.allowed, decision.unknown) == (False, frozenset({"aws:resourcetag/team"}))
    assert decide(request, Policies(identity=(ALLOWS, policy(Condition=condition)))) == Decision(None)


def test_a_policy_that_cannot_be_read_says_nothing() -> None:
    for document in ("", "[]", "{}", '{"Statement": {"Effect": "Permit", "Action": "*"}}'):
        assert policy_of(document).statements == ()


documents = st.builds(
    lambda effect, action, resource, principal: policy(effect, Action=action, Resource=resource, Principal=principal),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["s3:GetObject", "s3:*", "s3:Put*", "sqs:*"]),
    st.sampled_from(["*", OBJECT, f"{BUCKET}/*", "arn:aws:s3:::other"]),
    st.sampled_from(["*", {"AWS": ROLE}, {"AWS": OWN}, {"AWS": USER.arn}, {"Service": EVENTS.arn}]),
)
layers = st.lists(documents, max_size=3).map(tuple)
every_policy = st.builds(Policies, layers, st.none() | layers, st.none() | layers, layers)
every_request = st.builds(
    reading, st.sampled_from([SESSION, USER, ROOT, EVENTS, ANYONE]), st.sampled_from([OWN, OTHER])
)


@given(every_request, every_policy, st.sampled_from(["identity", "boundary", "session", "resource"]))
def test_adding_a_deny_never_allows(request: Request, policies: Policies, layer: str) -> None:
    present = getattr(policies, layer)
    more = policies._replace(**{layer: (*(present or (ALLOWS, TO_ALL)), DENIES_ALL)})
    assert not decide(request, more).allowed or not present


@given(every_request, every_policy, st.randoms())
def test_order_changes_nothing(request: Request, policies: Policies, random: Any) -> None:
    def mixed(layer: tuple[Policy, ...] | None) -> tuple[Policy, ...] | None:
        return layer and tuple(random.sample(layer, len(layer)))

    other = Policies(
        mixed(policies.identity) or (),
        mixed(policies.boundary),
        mixed(policies.session),
        mixed(policies.resource) or (),
    )
    assert decide(request, other).allowed is decide(request, policies).allowed


@given(every_request, every_policy)
def test_without_an_allow_nothing_but_the_root_of_the_account_is_allowed(request: Request, policies: Policies) -> None:
    layers = (policies.identity, policies.boundary or (), policies.session or (), policies.resource)
    if not any(statement.allows for layer in layers for one in layer for statement in one.statements):
        is_own_root = request.principal.kind is Kind.ROOT and request.account == OWN
        assert not decide(request, policies).allowed or is_own_root
