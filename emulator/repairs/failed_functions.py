"""A function in state Failed, which can be mended by an update, and be deleted.

LocalStack 4.14.0 answers 500 to both, for it has nothing that runs to replace or to stop.
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from concurrent.futures import Future
from typing import Any

from localstack.services.lambda_.invocation.lambda_service import LambdaService


def let_failed_functions_go() -> None:
    """Start what updates a version that does not run, and stop nothing where nothing runs."""
    update, stop = LambdaService.update_version, LambdaService.stop_version

    def update_or_start(self: Any, new_version: Any) -> Future[None]:
        is_running = new_version.qualified_arn in self.lambda_running_versions
        started: Future[None] = (
            update(self, new_version=new_version)
            if is_running or new_version.config.capacity_provider_config
            else self.create_function_version(function_version=new_version)
        )
        return started

    def stop_if_it_runs(self: Any, qualified_arn: str) -> None:
        if qualified_arn in self.lambda_running_versions or qualified_arn in self.lambda_starting_versions:
            stop(self, qualified_arn)

    LambdaService.update_version = update_or_start
    LambdaService.stop_version = stop_if_it_runs
