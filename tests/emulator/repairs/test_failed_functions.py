"""A function in state Failed."""

import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from testkit.waiting import wait_for, wait_until_in_use
from tests.clients import client_at
from tests.permissions import make_role


def zipped(answer: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", f"def handler(event, context):\n    return {answer!r}\n")
    return buffer.getvalue()


@pytest.fixture
def functions(endpoint_url: str) -> Any:
    return client_at(endpoint_url, "lambda")


@pytest.fixture
def role(endpoint_url: str) -> str:
    return make_role(endpoint_url)


@pytest.fixture
def failed(functions: Any, role: str) -> str:
    """The name of a function of a runtime that the sandbox does not have."""
    name = f"failed-{uuid.uuid4().hex[:8]}"
    functions.create_function(
        FunctionName=name, Runtime="java21", Role=role, Handler="app.handler", Code={"ZipFile": zipped("old")}
    )
    wait_for("it to fail", lambda: functions.get_function(FunctionName=name)["Configuration"]["State"] == "Failed")
    return name


def test_an_update_of_its_configuration_mends_it(functions: Any, failed: str) -> None:
    functions.update_function_configuration(FunctionName=failed, Runtime="python3.13")
    wait_for(
        "it to be mended", lambda: functions.get_function(FunctionName=failed)["Configuration"]["State"] == "Active"
    )
    assert json.load(functions.invoke(FunctionName=failed)["Payload"]) == "old"
    functions.update_function_code(FunctionName=failed, ZipFile=zipped("new"))
    wait_until_in_use(functions, failed)
    assert json.load(functions.invoke(FunctionName=failed)["Payload"]) == "new"
    functions.delete_function(FunctionName=failed)


def test_an_update_of_its_code_is_taken_and_may_fail_again(functions: Any, failed: str) -> None:
    functions.update_function_code(FunctionName=failed, ZipFile=zipped("new"))

    def has_failed() -> bool:
        configuration = functions.get_function(FunctionName=failed)["Configuration"]
        return (configuration["State"], configuration["LastUpdateStatus"]) == ("Failed", "Failed")

    wait_for("it to fail again", has_failed)
    functions.delete_function(FunctionName=failed)


def test_it_is_deleted_and_made_anew(functions: Any, failed: str, role: str) -> None:
    functions.delete_function(FunctionName=failed)
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName=failed)
    functions.create_function(
        FunctionName=failed, Runtime="python3.13", Role=role, Handler="app.handler", Code={"ZipFile": zipped("new")}
    )
    wait_until_in_use(functions, failed)
    functions.delete_function(FunctionName=failed)
