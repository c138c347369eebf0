"""Task tokens that can be handed back at any time.

LocalStack 4.14.0 asks each execution for the token. One that is only just starting has nothing that could be asked, and
one that is added meanwhile changes what is gone through, also while executions are listed: the answer is status 500.
"""

from collections import OrderedDict
from typing import Any

from localstack.aws.api.stepfunctions import (
    ExecutionStatus,
    InvalidToken,
    SendTaskFailureOutput,
    TaskDoesNotExist,
    TaskTimedOut,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackNotifyConsumerError,
    CallbackOutcomeFailure,
)
from localstack.services.stepfunctions.backend.store import SFNStore
from localstack.services.stepfunctions.provider import StepFunctionsProvider


def ask_started_executions_only() -> None:
    """Look for a token in the executions that have begun, and in those of one moment."""
    StepFunctionsProvider._get_executions = _started_executions
    StepFunctionsProvider.send_task_failure = _send_task_failure
    vars(SFNStore)["executions"].default = Executions


class Executions(OrderedDict[str, Any]):
    """The executions by their ARNs; they are gone through as they were when that began."""

    def values(self) -> Any:
        """Those that there are now."""
        return tuple(super().values())


def _started_executions(provider: Any, context: Any, execution_status: ExecutionStatus | None = None) -> list[Any]:
    return [
        execution
        for execution in provider.get_store(context).executions.values()
        if execution_status in (None, execution.exec_status) and execution.exec_worker and execution.exec_worker.env
    ]


def _send_task_failure(
    provider: Any, context: Any, task_token: str, error: str | None = None, cause: str | None = None, **_more: object
) -> SendTaskFailureOutput:
    """As LocalStack's own, which goes through all that there are."""
    outcome = CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
    for execution in provider._get_executions(context):
        try:
            if execution.exec_worker.env.callback_pool_manager.notify(callback_id=task_token, outcome=outcome):
                return SendTaskFailureOutput()
        except CallbackNotifyConsumerError as refused:
            timed_out = isinstance(refused.callback_consumer_error, CallbackConsumerTimeout)
            raise (TaskTimedOut if timed_out else TaskDoesNotExist)() from refused
    raise InvalidToken("Invalid token")
