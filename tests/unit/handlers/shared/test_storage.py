"""The bucket."""

from urllib.parse import parse_qs, urlsplit

import pytest

from handlers.shared import storage
from tests.unit.handlers.fakes import FakeS3


def test_what_is_written_can_be_read(bucket: FakeS3) -> None:
    storage.write_json("a key", {"name": "Zoë \ud83c"})
    assert storage.read_json("a key") == {"name": "Zoë \ud83c"}
    assert list(bucket.objects) == ["a key"]


@pytest.mark.parametrize("key", ["run/basic-Ann O'Lee.json", "arn:aws:states:x/basic-Zo_~0123456789abcdef.json"])
def test_a_signed_url_names_the_region_of_the_bucket_and_lasts_15_minutes(key: str) -> None:
    url = urlsplit(storage.presigned_url(key))
    query = parse_qs(url.query)
    assert (url.scheme, url.netloc) == ("https", "s3.eu-west-1.amazonaws.com")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["900"]
