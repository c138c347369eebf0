"""What Step Functions does again for each execution or state, done once."""

import copy
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jsonpath_rw
from localstack.services.sqs import models as queues
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.common.string import string_expression
from localstack.services.stepfunctions.asl.component.state.state_execution import execute_state
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map import state_map
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import job
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service,
    state_task_service_aws_sdk,
    state_task_service_events,
)
from localstack.services.stepfunctions.asl.eval import environment, states
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import json_path

REMEMBERED_PATHS = 4096
REMEMBERED_DEFINITIONS = 64
COPIERS = (environment, execute_state, job, queues, state_map, state_task_service, states, string_expression)
JSON_SCALARS = frozenset({str, int, float, bool, type(None)})


def remember_parsed_paths() -> None:
    """Parse a JSONPath once: each evaluation would build the parser's tables anew."""
    for module in (json_path, result_path, jsonpath_rw):
        module.parse = functools.lru_cache(REMEMBERED_PATHS)(module.parse)


def remember_parsed_machines() -> None:
    """Parse a state machine once: each execution would. What it is parsed to keeps no state of an execution."""
    parse = AmazonStateLanguageParser.parse
    AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(REMEMBERED_DEFINITIONS)(parse))


def keep_task_clients() -> None:
    """Let task states share a client for a service and role: each would assume the role and make one."""
    for module in (state_task_service_aws_sdk, state_task_service_events):
        module.boto_client_for = _by_role(module.boto_client_for)


def _by_role(make_client: Callable[..., Any]) -> Callable[..., Any]:
    clients: dict[tuple[str, str, str], Any] = {}

    def client_for(service: str, region: str, state_credentials: Any) -> Any:
        key = (service, region, state_credentials.role_arn)
        if key not in clients:
            clients[key] = make_client(service=service, region=region, state_credentials=state_credentials)
        return clients[key]

    return client_for


def remember_task_operations() -> None:
    """Find the operation that a task state names once: each would spell out all names of its service."""
    find = state_task_service.StateTaskService._get_boto_operation_model
    state_task_service.StateTaskService._get_boto_operation_model = staticmethod(functools.cache(find))


def copy_json_quickly() -> None:
    """Copy what states, and queues, hand on as the JSON that it is: copy.deepcopy asks each value how to copy it."""
    quick_copy = SimpleNamespace(deepcopy=_copy_json)
    for module in COPIERS:
        module.copy = quick_copy


def _copy_json(value: Any) -> Any:
    kind = type(value)
    # Scalars are left where they are without a call of their own: that takes a quarter of the time for a list of names.
    if kind is dict:
        return {key: item if type(item) in JSON_SCALARS else _copy_json(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in JSON_SCALARS else _copy_json(item) for item in value]
    return value if kind in JSON_SCALARS else copy.deepcopy(value)
