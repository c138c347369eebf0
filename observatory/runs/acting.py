"""Stop a run, or let one that did not succeed go on from where it failed."""

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.executions import Execution

STOPPED = "Stopped"
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
LONGEST_REASON = 32_768


def stop(clients: Clients, execution: Execution, reason: str) -> None:
    """Stop a run; what has been put on the bus is still handled.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html

    Args:
        clients: How to reach Step Functions.
        execution: The run's execution.
        reason: Why; it is kept as the execution's cause.

    Raises:
        RefusedError: It cannot be stopped.
        BootstrapError: Step Functions cannot be asked.
    """
    with refusals(f"run {execution.job}", clients.settings):
        clients.states.stop_execution(executionArn=execution.arn, error=STOPPED, cause=reason)


def redrive(clients: Clients, execution: Execution) -> None:
    """Let a run go on from the states that did not succeed; in a Map, only the items that did not.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html

    Args:
        clients: How to reach Step Functions.
        execution: The run's execution.

    Raises:
        RefusedError: It has succeeded or goes on, or cannot be redriven for another reason.
        BootstrapError: Step Functions cannot be asked.
    """
    with refusals(f"run {execution.job}", clients.settings):
        clients.states.redrive_execution(executionArn=execution.arn)
