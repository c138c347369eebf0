"""What LocalStack loads once or late is what it would have loaded each time."""

import json
import uuid
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import hooks, loaders
from localstack.aws import spec
from moto.core.loaders import Loader as MotoLoader

from emulator.server import Server
from emulator.speed import loading

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def iam(localstack: Server) -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("iam", endpoint_url=localstack.endpoint_url)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders.Loader, "load_data_with_path", loaders.Loader.load_data_with_path)
    monkeypatch.setattr(loaders, "OrderedDict", loaders.OrderedDict)
    loading.read_models_once()


def test_a_model_is_read_once_for_all_loaders_of_a_kind(read_once: None) -> None:
    first, second = (loaders.Loader().load_service_model("sqs", "service-2") for _ in range(2))
    assert first is second


def test_what_one_kind_of_loader_adds_to_a_model_the_others_do_not_see(read_once: None) -> None:
    plain = loaders.Loader().load_service_model("sqs", "service-2")
    assert MotoLoader([spec.LOCALSTACK_BUILTIN_DATA_PATH]).load_service_model("sqs", "service-2") is not plain
    patched = spec.CustomLoader({"sqs/2012-11-05/service-2": [{"op": "remove", "path": "/operations"}]})
    assert "operations" not in patched.load_service_model("sqs", "service-2")
    assert "operations" in plain


def test_a_file_that_is_not_there_is_not_found_time_and_again(read_once: None) -> None:
    for _ in range(2):
        with pytest.raises(loaders.DataNotFoundError):
            loaders.Loader().load_data_with_path("nothing")


def test_each_loader_lists_the_services_of_its_own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = (loaders.Loader, lambda: spec.CustomLoader({}))
    expected = [loader().list_available_services("service-2") for loader in kinds]
    monkeypatch.setattr(loaders.Loader, "list_available_services", loaders.Loader.list_available_services)
    loading.list_services_once()
    assert [loader().list_available_services("service-2") for loader in kinds] == expected
    assert expected[0] != expected[1]


def test_a_session_knows_its_events_by_their_old_names_and_refuses_handlers_that_take_too_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hooks, "accepts_kwargs", hooks.accepts_kwargs)
    monkeypatch.setattr(hooks.EventAliaser, "__init__", hooks.EventAliaser.__init__)
    loading.make_sessions_quickly()
    heard: list[str] = []

    def hear(**given: Any) -> None:
        heard.append(given["event_name"])

    def take_too_little() -> None: ...

    for _ in range(2):
        session = botocore.session.get_session()
        session.register("creating-client-class.sfn", hear)
        session.create_client("stepfunctions", region_name="us-east-1")
        with pytest.raises(ValueError, match="must accept keyword arguments"):
            session.register("creating-client-class.sfn", take_too_little)  # type: ignore[arg-type]  # that is it
    assert heard == ["creating-client-class.sfn"] * 2
    renamed = hooks.EventAliaser(hooks.HierarchicalEmitter(), {"old": "new"})
    renamed.register("old.event", hear)
    renamed.emit("old.event")
    assert heard[-1] == "new.event"


def test_a_role_takes_a_policy_that_aws_manages_and_one_of_its_own(iam: Any) -> None:
    name = f"role-{uuid.uuid4().hex[:8]}"
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "any"}}]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust | {"Version": "2012-10-17"}))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    own = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    for arn in (ADMINISTRATOR, own):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == {ADMINISTRATOR, own}
    assert own in {policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]}
    assert len(iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]) == 1000
    for arn in (ADMINISTRATOR, own):
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_policy(PolicyArn=own)
    iam.delete_role(RoleName=name)
    assert own not in {policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]}
