"""What environments share of boto3."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import create_loader

from emulator.environments.preloading import UNREAD_PARAMETERS, without_unread_parameters

ENDPOINT_RULES = "endpoint-rule-set-1"


def test_no_rule_of_any_endpoint_reads_what_is_left_out() -> None:
    loader = create_loader()
    rules = {
        name: loader.load_service_model(name, ENDPOINT_RULES) for name in loader.list_available_services(ENDPOINT_RULES)
    }
    assert set(rules["s3"]["parameters"]) >= UNREAD_PARAMETERS
    for name, rule_set in rules.items():
        assert not UNREAD_PARAMETERS & _references(rule_set["rules"]), name


def test_an_endpoint_is_resolved_once_for_all_keys_of_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = []
    resolve = EndpointProvider.resolve_endpoint

    def count(provider: Any, **parameters: Any) -> Any:
        resolved.append(tuple(sorted(parameters.items())))
        return resolve(provider, **parameters)

    monkeypatch.setattr(EndpointProvider, "resolve_endpoint", without_unread_parameters(count))
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "test")
    s3 = boto3.client("s3", region_name="eu-north-1", config=Config(signature_version="s3v4"))
    urls = [_url(s3, bucket, key) for bucket in ("one", "two") for key in ("a", "b/c", "d")]
    assert [url.partition("?")[0] for url in urls] == [
        f"https://{bucket}.s3.amazonaws.com/{key}" for bucket in ("one", "two") for key in ("a", "b/c", "d")
    ]
    assert len(set(resolved)) == 2


def _url(s3: Any, bucket: str, key: str) -> str:
    return str(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}))


def _references(rules: object) -> set[str]:
    """The parameters that a set of rules names, as references and within templates."""
    text = json.dumps(rules)
    return {name for name in UNREAD_PARAMETERS if f'"ref": "{name}"' in text or f"{{{name}" in text}
