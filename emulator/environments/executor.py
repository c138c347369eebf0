"""LocalStack's Lambda executor `process`: each execution environment is a process of this machine."""

import base64
import functools
import json
import os
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from localstack.aws.api.lambda_ import LogFormat
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.logs import LogHandler, LogItem
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from emulator.debugging.port import PORTS
from emulator.environments import fork_server
from emulator.environments.environment import Environment
from emulator.environments.launcher import Launcher
from emulator.environments.output import Log
from emulator.environments.runtime import FunctionSettings, Invocation
from emulator.environments.wording import LogStyle

LOOPBACK = "127.0.0.1"
LAUNCH_MODE_VARIABLE = "SANDBOX_LAUNCH_MODE"

# For the init binary of LocalStack's containers, or true only inside them.
CONTAINER_VARIABLES = (
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_TIMEOUT",
    "EDGE_PORT",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LOCALSTACK_",
    "_AWS_XRAY_",
)

INITIALIZATION_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
PROVISIONED = "provisioned-concurrency"
# What a debugger takes of a function's memory, with what is looked at.
DEBUGGER_MEGABYTES = 128

_making_launcher = threading.Lock()
_environments: weakref.WeakSet[Environment] = weakref.WeakSet()


class UnsupportedRuntimeError(Exception):
    """The function's runtime cannot be run as a process here."""


class NotProvisionedError(Exception):
    """An environment that was to wait for invocations cannot be used."""


def log_style(version: FunctionVersion) -> LogStyle:
    """How Lambda writes of a function's version."""
    logging = version.config.logging_config or {}
    is_json = logging.get("LogFormat") == LogFormat.JSON
    return LogStyle(version.id.qualifier, is_json, str(logging.get("SystemLogLevel") or LogStyle.system_level))


def client_context(encoded: str | None) -> str | None:
    """What a client says of itself, as JSON on one line; None if it says nothing that can be read."""
    try:
        return json.dumps(json.loads(base64.b64decode(encoded, validate=True))) if encoded else None
    except ValueError:
        return None


def launcher() -> Launcher:
    """The fork server that all functions share."""
    with _making_launcher:
        return _launcher()


def end_invocations() -> None:
    """End all invocations that are under way, as if each function's process had died."""
    for environment in [*_environments]:
        environment.abort()


@functools.cache
def _launcher() -> Launcher:
    return Launcher(os.environ.get(LAUNCH_MODE_VARIABLE, fork_server.MODE_FORK), with_debugger=bool(PORTS))


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc]  # LocalStack is untyped
    """One execution environment, as LocalStack's Lambda service drives it."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._environment: Environment | None = None
        # Who invokes sets it; LocalStack does not pass it on.
        self.client_context: str | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the environment with Lambda's variables and the function's own."""
        folder = Path(tempfile.gettempdir()) / f"lambda-environment-{self.id}"
        self._environment = Environment(self._settings(env_vars), launcher(), folder, self._writer(env_vars))
        _environments.add(self._environment)
        self._environment.start()
        if self._environment.has_failed_to_start and env_vars[INITIALIZATION_TYPE] == PROVISIONED:
            raise NotProvisionedError("the function failed to initialize")

    def forget_initialization(self) -> None:
        """Report no initialization, for nobody waited for it."""
        self._running().forget_initialization()

    def stop(self) -> None:
        """Stop the environment once it is idle."""
        if self._environment:
            self._environment.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Handle one invocation, in the thread that asks for it."""
        outcome = self._running().invoke(
            Invocation(
                request_id=payload["invoke-id"],
                payload=payload["payload"].encode(),
                function_arn=payload["invoked-function-arn"],
                trace=payload["trace-id"],
                client_context=client_context(self.client_context),
            )
        )
        return InvocationResult(payload["invoke-id"], outcome.payload, is_error=outcome.is_error, logs=outcome.log)

    def get_logs(self) -> str:
        """All output of the environment."""
        return self._running().output()

    def get_address(self) -> str:
        """Where the environment is."""
        return LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Where the environment finds LocalStack."""
        return LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """Where LocalStack's init binary would report; there is none."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code of a function, and let the fork server import what all need, unless it did.

        Raises:
            UnsupportedRuntimeError: It is not a Python function from a zip file.
        """
        runtime = function_version.config.runtime
        if function_version.config.package_type != "Zip" or not (runtime or "").startswith("python"):
            raise UnsupportedRuntimeError(
                f"function {function_version.id.function_name} has runtime {runtime or 'of an image'}; the executor"
                " `process` runs Python functions from zip files only: use docker-compose.docker-executor.yml"
            )
        function_version.config.code.prepare_for_execution()
        # Not sooner: at its start LocalStack, and who waits for it, need both cores of a small machine.
        launcher().start()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Keep the code: a reconfigured version shares it, and LocalStack itself removes what is unused."""

    def _running(self) -> Environment:
        if self._environment is None:
            raise RuntimeError(f"execution environment {self.id} was used before it was started")
        return self._environment

    def _writer(self, variables: dict[str, object]) -> Callable[[Log], None]:
        """Writes to CloudWatch Logs, in the function's role, as LocalStack does after an invocation."""
        version = self.function_version
        handler = LogHandler(version.config.role, version.id.region)
        group, stream = variables["AWS_LAMBDA_LOG_GROUP_NAME"], variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        return lambda log: handler.add_logs(LogItem(group, stream, log))

    def _settings(self, variables: dict[str, object]) -> FunctionSettings:
        configuration = self.function_version.config
        debug_port = PORTS.get(self.function_version.id.function_name)
        kept = {
            name: str(value)
            for name, value in variables.items()
            if name in (configuration.environment or {}) or not name.startswith(CONTAINER_VARIABLES)
        }
        return FunctionSettings(
            handler=configuration.handler,
            task_root=configuration.code.get_unzipped_code_location(),
            variables={"AWS_EXECUTION_ENV": f"AWS_Lambda_{configuration.runtime}"} | kept,
            timeout_seconds=configuration.timeout,
            memory_size_megabytes=configuration.memory_size + (DEBUGGER_MEGABYTES if debug_port else 0),
            storage_megabytes=configuration.ephemeral_storage.size,
            log_style=log_style(self.function_version),
            debug_port=debug_port,
        )
