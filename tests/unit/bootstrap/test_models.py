"""The models of the services: as botocore has them."""

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from bootstrap.clients import SERVICES
from bootstrap.models import Models


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_model_is_the_one_that_botocore_has(service: str, kind: str) -> None:
    assert Models([service]).load_service_model(service, kind) == Loader().load_service_model(service, kind)


def test_where_services_are_is_what_botocore_knows() -> None:
    assert Models([]).load_data("endpoints") == Loader().load_data("endpoints")


def test_no_folder_is_searched_for_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("botocore.loaders.Loader.list_available_services")
    assert Models(["sqs"]).load_service_model("sqs", "service-2")


def test_a_service_that_nobody_named_is_unknown() -> None:
    with pytest.raises(UnknownServiceError, match="'ec2'"):
        Models(["sqs"]).load_service_model("ec2", "service-2")


def test_a_model_that_does_not_exist_is_missed_as_botocore_does() -> None:
    with pytest.raises(DataNotFoundError):
        Models(["sqs"]).load_service_model("sqs", "waiters-2", "2012-11-05")
