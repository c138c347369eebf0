"""The client context of an invocation, handed on to the environment.

LocalStack 4.14.0 takes it and drops it; on AWS it is `context.client_context` of the handler:
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
"""

from typing import Any

from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment


def pass_client_context() -> None:
    """Tell the executor, which handles one invocation at a time."""
    invoke = ExecutionEnvironment.invoke

    def invoke_with_context(environment: Any, invocation: Any) -> Any:
        environment.runtime_executor.client_context = invocation.client_context
        return invoke(environment, invocation)

    ExecutionEnvironment.invoke = invoke_with_context
