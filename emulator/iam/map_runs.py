"""Map Runs, whose children are executions of their machine: its role must be allowed to start those.

https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
"""

from collections.abc import Callable
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import (
    distributed_iteration_component as distributed,
)

from emulator.iam.actions import Access
from emulator.iam.callers import Caller, session_of
from emulator.iam.resources import Call

# AWS's name for what a role may not do: https://states-language.net/spec.html#appendix-a
PERMISSIONS = "States.Permissions"


def begin_if_allowed(is_allowed: Callable[[Caller, Access, Call], bool]) -> None:
    """Ask for what starts each child.

    Args:
        is_allowed: Whether something may be done.
    """
    launch = distributed.DistributedIterationComponent._launch_worker

    def launch_if_allowed(component: Any, env: Any, *more: Any, **options: Any) -> None:  # noqa: ANN401
        context = env.states.context_object.context_object_data
        machine = context["StateMachine"]["Id"]
        caller = Caller(session_of(env.aws_execution_details.role_arn, context["Execution"]["Name"]))
        _arn, _aws, _states, region, account, *_name = machine.split(":")
        call = Call("stepfunctions", "StartExecution", {"stateMachineArn": machine}, account, region)
        access = Access("states:StartExecution", machine)
        if not is_allowed(caller, access, call):
            said = f"{caller.principal.arn} is not authorized to perform: {access.action} on resource: {machine}"
            raise _failure(env, said)
        launch(component, env, *more, **options)

    distributed.DistributedIterationComponent._launch_worker = launch_if_allowed


def _failure(env: Any, cause: str) -> FailureEventException:  # noqa: ANN401
    details = {"mapRunFailedEventDetails": {"error": PERMISSIONS, "cause": cause}}
    failed = HistoryEventType.MapRunFailed
    return FailureEventException(FailureEvent(env, CustomErrorName(PERMISSIONS), failed, details))
