"""What LocalStack has loaded, and what it has not."""

import gc
import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.aws.handlers import service_plugin

from bootstrap.settings import load_settings
from emulator import cores
from emulator.server import SERVICES, Server
from emulator.speed import runtime_creation, service_loading
from testkit.waiting import wait_for

LEAVES_OUT_EC2 = """
import sys
from emulator.speed.service_loading import leave_out_ec2

leave_out_ec2()
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_batch,
)

assert state_task_service_batch.JobStatus.SUCCEEDED
assert "moto.ec2" not in sys.modules
from moto.batch import batch_backends

assert batch_backends["000000000000"]["us-east-1"]
"""

LEAVES_OUT_OPENAPI = """
import sys
from emulator.speed.runtime_creation import leave_out_openapi

leave_out_openapi()
from localstack.aws import handlers

handlers.validate_request_schema(None, None, None)
handlers.validate_response_schema(None, None, None)
assert "openapi_core" not in sys.modules
"""
VALIDATES_WITH_OPENAPI = """
from emulator.speed.runtime_creation import leave_out_openapi

leave_out_openapi()
from localstack.aws import handlers

assert handlers.validate_request_schema.open_apis
"""
IMPORTS_COMMON_RUNTIME_LATE = """
import sys
from emulator.speed.runtime_creation import import_common_runtime_late

import_common_runtime_late()
from localstack.utils.strings import checksum_crc32c, checksum_crc64nvme
import boto3

assert "_awscrt" not in sys.modules
# The check values of both algorithms: https://reveng.sourceforge.io/crc-catalogue/
assert checksum_crc32c("123456789") == "4waSgw=="
assert checksum_crc64nvme("123456789") == "rosUhgp5mIg="
"""


@pytest.mark.skipif(not load_settings().patches, reason="LocalStack as it comes loads a service when it is asked for")
def test_services_load_before_anyone_asks_for_them(localstack: Server) -> None:
    def running() -> bool:
        with urllib.request.urlopen(f"{localstack.endpoint_url}/_localstack/health") as health:  # noqa: S310  # our own http URL
            states = json.load(health)["services"]
        return all(states[service] == "running" for service in SERVICES.split(","))

    wait_for("every service", running)


def test_garbage_is_collected_again_once_the_services_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICES", "")
    monkeypatch.setattr(cores, "stay_on_one", int)
    runtime_creation.collect_no_garbage()
    try:
        assert not gc.isenabled()
        service_loading.load_services()
        wait_for("the garbage collection", gc.isenabled)
    finally:
        gc.unfreeze()
        gc.enable()


def test_step_functions_needs_no_ec2_and_batch_is_there_for_who_wants_it() -> None:
    subprocess.run([sys.executable, "-c", LEAVES_OUT_EC2], check=True)


def test_the_common_runtime_is_there_for_the_checksums_that_need_it() -> None:
    subprocess.run([sys.executable, "-c", IMPORTS_COMMON_RUNTIME_LATE], check=True)


def test_requests_are_checked_with_openapi_only_when_localstack_is_told_to() -> None:
    subprocess.run([sys.executable, "-c", LEAVES_OUT_OPENAPI], check=True)
    told = os.environ | {"OPENAPI_VALIDATE_REQUEST": "1"}
    subprocess.run([sys.executable, "-c", VALIDATES_WITH_OPENAPI], check=True, env=told)


def test_a_request_waits_until_the_operations_of_its_service_are_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_plugin.ServiceLoader, "require_service", service_plugin.ServiceLoader.require_service)
    service_loading.register_before_use()
    began, go_on, registered = Event(), Event(), Event()

    def register(_skeleton: Any) -> None:
        began.set()
        assert go_on.wait(60)
        registered.set()

    manager = SimpleNamespace(exists=bool, require=lambda _name: service_plugin.Service("sqs", skeleton=object()))
    loader = service_plugin.ServiceLoader(manager, SimpleNamespace(add_skeleton=register))
    context = SimpleNamespace(service=SimpleNamespace(service_name="sqs"))

    def request() -> bool:
        loader.require_service(None, context, None)
        return registered.is_set()

    with ThreadPoolExecutor() as threads:
        first = threads.submit(request)
        assert began.wait(60)
        second = threads.submit(request)
        with suppress(TimeoutError):
            second.result(timeout=0.2)  # it does not end, or it ends without what it needs
        go_on.set()
        assert first.result() and second.result()
