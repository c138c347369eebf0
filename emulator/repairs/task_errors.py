"""What tasks fail with, by the names that AWS gives it, so that a machine can retry and catch it.

LocalStack 4.14.0 calls a task that may not invoke its function `Lambda.AccessDeniedException`, where AWS has no such
class: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html. It calls a request that
EventBridge refuses as a whole `States.Runtime`, which no Catch sees on AWS and no Fail state may name; and its cause
of `EventBridge.FailedEntry` is an object, where AWS has text.
"""

import json
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api.stepfunctions import HistoryEventType, TaskFailedEventDetails
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEvent
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_aws_sdk as sdk_task,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_events as events_task,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service_lambda as lambda_task,
)
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

SERVICE = "EventBridge"
FAILED_ENTRY = f"{SERVICE}.FailedEntry"
# How AWS's SDK calls what it has no class for; Step Functions names errors after its classes.
OTHER = f"{SERVICE}.{SERVICE}Exception"
ACCESS_DENIED = "AccessDeniedException"
LAMBDA_OTHER = "Lambda.AWSLambdaException"


def name_task_errors() -> None:
    """Name what a task that puts events, or that may not invoke a function, fails with."""
    from_error = events_task.StateTaskServiceEvents._from_error
    error_and_cause = lambda_task.StateTaskServiceLambda._error_cause_from_client_error
    class_of = sdk_task.StateTaskServiceAwsSdk._normalise_exception_name

    def named(self: Any, env: Any, ex: Exception) -> Any:
        if isinstance(ex, events_task.SfnFailedEntryCountException):
            return _failure(self, env, FAILED_ENTRY, json.dumps(ex.cause))
        if isinstance(ex, ClientError):
            return _failure(self, env, _name(ex.response["Error"]["Code"]), str(ex))
        return from_error(self, env=env, ex=ex)

    def named_by_lambda(error: ClientError) -> tuple[str, str]:
        name, cause = error_and_cause(error)
        return (LAMBDA_OTHER if error.response["Error"]["Code"] == ACCESS_DENIED else name), cause

    def named_by_sdk(service: str, error: Exception) -> str:
        # LocalStack's model of S3 has a class for it.
        is_denied = type(error).__name__ == "AccessDenied"
        return f"{service}.{service}Exception" if is_denied else str(class_of(service, error))

    events_task.StateTaskServiceEvents._from_error = named
    sdk_task.StateTaskServiceAwsSdk._normalise_exception_name = staticmethod(named_by_sdk)
    lambda_task.StateTaskServiceLambda._error_cause_from_client_error = staticmethod(named_by_lambda)


def _name(code: str) -> str:
    return f"{SERVICE}.{code}" if code.endswith("Exception") and code != ACCESS_DENIED else OTHER


def _failure(task: Any, env: Any, name: str, cause: str) -> Any:
    details = TaskFailedEventDetails(
        error=name, cause=cause, resource=task._get_sfn_resource(), resourceType=task._get_sfn_resource_type()
    )
    return FailureEvent(
        env=env,
        error_name=CustomErrorName(name),
        event_type=HistoryEventType.TaskFailed,
        event_details=EventDetails(taskFailedEventDetails=details),
    )
