"""The policy by which EventBridge may write the ledger."""

import json

from bootstrap.resources.log_policy import LogPolicy
from tests.unit.bootstrap.fake_account import FakeAccount

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}


def test_a_policy_that_does_not_exist_is_none(account: FakeAccount) -> None:
    account.logs.policies["another"] = json.dumps(DOCUMENT)
    assert LogPolicy("LedgerRule", DOCUMENT).read(account.clients) is None


def test_what_was_made_is_what_is_read(account: FakeAccount) -> None:
    policy = LogPolicy("LedgerRule", DOCUMENT)
    policy.create(account.clients)
    assert policy.read(account.clients) == policy.desired() == {"policy": DOCUMENT}


def test_the_order_and_the_spaces_of_a_document_do_not_matter(account: FakeAccount) -> None:
    account.logs.policies["LedgerRule"] = json.dumps(dict(reversed(DOCUMENT.items())), indent=4)
    policy = LogPolicy("LedgerRule", DOCUMENT)
    assert policy.read(account.clients) == policy.desired()


def test_an_update_replaces_the_document_and_leaves_other_policies(account: FakeAccount) -> None:
    account.logs.policies |= {"LedgerRule": "{}", "another": "{}"}
    LogPolicy("LedgerRule", DOCUMENT).update(account.clients, {"policy"})
    assert {name: json.loads(text) for name, text in account.logs.policies.items()} == {
        "LedgerRule": DOCUMENT,
        "another": {},
    }


def test_only_the_policy_itself_is_removed(account: FakeAccount) -> None:
    account.logs.policies |= {"LedgerRule": "{}", "another": "{}"}
    LogPolicy("LedgerRule", DOCUMENT).delete(account.clients)
    assert account.logs.policies == {"another": "{}"}
