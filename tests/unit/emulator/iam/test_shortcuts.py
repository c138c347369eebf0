"""What was allowed is forgotten with every operation that may have changed who may do what."""

import pytest

from emulator.iam.actions import operations
from emulator.iam.shortcuts import _SCOPES, HARMLESS, READS, Shortcuts

# They write what somebody owns, none of them a policy, a role or where these count.
DATA = {"CreateLogStream", "DeleteMessage", "DeleteObject", "PutEvents", "PutLogEvents", "PutObject", "SendMessage"}
RUNS = {"Invoke", "SendTaskFailure", "SendTaskSuccess", "StartExecution", "StopExecution"}


def test_nothing_is_kept_over_an_operation_but_those_on_data_and_runs() -> None:
    kept = {name for _service, name in operations() if not forgets(name) and not name.startswith(READS)}
    assert kept == DATA | RUNS | {"AssumeRole"}
    assert set(_SCOPES) | HARMLESS <= {name for _service, name in operations()}


@pytest.mark.parametrize(
    "name",
    [
        *("PutRolePolicy", "DeleteRole", "UpdateAssumeRolePolicy", "CreatePolicyVersion", "AttachRolePolicy"),
        *("PutBucketPolicy", "CreateBucket", "AddPermission", "SetQueueAttributes", "PutPermission"),
        *("PutResourcePolicy", "UpdateFunctionConfiguration", "DeleteAccessKey", "DeleteLogGroup"),
    ],
)
def test_all_is_forgotten_with_a_change_of_a_policy(name: str) -> None:
    assert forgets(name)


def forgets(name: str) -> bool:
    shortcuts = Shortcuts()
    shortcuts.note(name)
    return shortcuts.version > 0
