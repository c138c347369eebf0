"""The bucket: it is never emptied when it may be someone else's, and always emptied entirely."""

import pytest

from bootstrap.errors import RefusedError
from bootstrap.resources.bucket import Bucket
from bootstrap.settings import Settings
from tests.unit.bootstrap.fake_account import FakeAccount

BUCKET = Bucket("photos", "cookies")
FOREIGN = {"location": None, "tags": [], "block": None, "objects": [("a.jpg", "1", False)]}


def test_a_bucket_with_objects_that_this_project_did_not_make_is_not_taken_over(account: FakeAccount) -> None:
    account.s3.things["photos"] = {**FOREIGN}
    with pytest.raises(RefusedError, match=r"bucket photos holds objects.*set BUCKET to another name"):
        BUCKET.claim(account.clients)
    assert account.writes == []


@pytest.mark.parametrize("marker", [False, True])
def test_a_bucket_that_this_project_did_not_make_is_not_emptied(account: FakeAccount, marker: bool) -> None:
    account.s3.things["photos"] = {**FOREIGN, "objects": [("a.jpg", "1", marker)]}
    with pytest.raises(RefusedError, match="bucket photos holds objects"):
        BUCKET.delete(account.clients)
    assert account.writes == []


def test_an_empty_bucket_that_was_left_half_made_is_marked(account: FakeAccount) -> None:
    account.s3.things["photos"] = {**FOREIGN, "objects": [], "tags": [{"Key": "team", "Value": "cats"}]}
    BUCKET.claim(account.clients)
    BUCKET.update(account.clients, {"public access block"})
    assert BUCKET.read(account.clients) == BUCKET.desired()
    assert {"Key": "team", "Value": "cats"} in account.s3.things["photos"]["tags"]


def test_every_version_and_delete_marker_goes(account: FakeAccount) -> None:
    BUCKET.create(account.clients)
    objects = [(f"{number}.json", version, version == "2") for number in range(1200) for version in "12"]
    account.s3.things["photos"]["objects"] = objects
    BUCKET.delete(account.clients)
    assert not account.s3.things
    assert account.writes.count("DeleteObjects photos") == 3


def test_an_object_that_cannot_be_deleted_is_an_error_that_names_it(account: FakeAccount) -> None:
    BUCKET.create(account.clients)
    account.s3.things["photos"] |= {
        "objects": [("kept.json", "1", False)],
        "errors": [{"Key": "kept.json", "Code": "AccessDenied", "Message": "locked"}],
    }
    with pytest.raises(RefusedError, match=r"bucket photos: DeleteObjects: AccessDenied: locked \(kept.json\)"):
        BUCKET.delete(account.clients)


@pytest.mark.parametrize(
    ("region", "location"), [("us-east-1", None), ("eu-west-1", {"LocationConstraint": "eu-west-1"})]
)
def test_the_bucket_is_in_the_region(region: str, location: dict[str, str] | None) -> None:
    account = FakeAccount(Settings(endpoint_url=None, region=region, bucket=None, map_concurrency=2, port=4566))
    BUCKET.create(account.clients)
    assert account.s3.things["photos"]["location"] == location
