"""What LocalStack loads of this project, by the entry points in pyproject.toml; each imports its part when used."""

import logging
import os
import signal
import threading

from localstack import config
from localstack.constants import VERSION
from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

from emulator.speed.runtime_creation import WRITTEN_FOR, is_patched

LOG = logging.getLogger(__name__)

EXECUTOR = "process"
# When a hook's turn is: the highest comes first. LocalStack's own have 0, those that patch other libraries 100. Among
# equals it would be the order of files in the environment.
FIRST = 200
BEFORE_LOCALSTACK = 10
PATCHES = -1
ENVIRONMENTS = -2
REPAIRS = -3
PERMISSIONS = -4
EMPTYING = -5
STOP_WITH_PARENT_VARIABLE = "SANDBOX_STOP_WITH_PARENT"
# As emulator/debugging/setting.py has it, which there is no need to import otherwise.
DEBUG_VARIABLE = "SANDBOX_DEBUG"


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]  # LocalStack is untyped
    """Makes ``LAMBDA_RUNTIME_EXECUTOR=process`` work."""

    name = EXECUTOR

    def load(self, *_args: object, **_kwargs: object) -> type:
        """The executor's class."""
        from emulator.environments.executor import ProcessExecutor

        return ProcessExecutor


class GatewayServerPlugin(RuntimeServerPlugin):  # type: ignore[misc]
    """Makes ``GATEWAY_SERVER=threads`` work."""

    name = "threads"

    def load(self, *_args: object, **_kwargs: object) -> RuntimeServer:
        """The server."""
        from emulator.gateway.server import GatewayServer

        return GatewayServer()


@hooks.on_infra_start(  # type: ignore[untyped-decorator]
    priority=FIRST,
    should_load=lambda: bool(os.environ.get(DEBUG_VARIABLE)) and config.LAMBDA_RUNTIME_EXECUTOR == EXECUTOR,
)
def take_debuggers() -> None:
    """Let debuggers look into functions, and nothing time out meanwhile."""
    from emulator.debugging import opening

    opening.open_ports()
    if _is_version_written_for("what waits for a function that is looked into goes on waiting"):
        from emulator.debugging import waits

        waits.wait_for_debuggers()


@hooks.on_infra_start(priority=ENVIRONMENTS, should_load=lambda: config.LAMBDA_RUNTIME_EXECUTOR == EXECUTOR)  # type: ignore[untyped-decorator]
def keep_events() -> None:
    """Lose no event to the update of its function."""
    from emulator.repairs import event_polling

    event_polling.keep_events()


@hooks.on_infra_start(  # type: ignore[untyped-decorator]
    priority=ENVIRONMENTS, should_load=lambda: is_patched() and config.LAMBDA_RUNTIME_EXECUTOR == EXECUTOR
)
def initialize_environments() -> None:
    """Make environments before they are needed."""
    if _is_version_written_for("environments are made ahead"):
        from emulator.environments import proactive_initialization

        proactive_initialization.initialize_environments()


@hooks.on_infra_shutdown(should_load=lambda: config.LAMBDA_RUNTIME_EXECUTOR == EXECUTOR)  # type: ignore[untyped-decorator]
def stop_launcher() -> None:
    """End every Lambda environment at once; the Lambda service would wait for each invocation."""
    from emulator.environments.executor import launcher

    launcher().stop()


@hooks.on_infra_start(priority=PATCHES, should_load=lambda: is_patched())  # type: ignore[untyped-decorator]
def apply_patches() -> None:
    """Mend slow paths, in the version that they were found in."""
    if _is_version_written_for("its slow paths are mended"):
        from emulator.speed import service_loading

        service_loading.leave_out_ec2()

        from emulator.speed import catalogue

        catalogue.apply()


# LocalStack runs the scripts of ready.d in a hook too, and goes on only when they have ended.
@hooks.on_infra_ready(priority=BEFORE_LOCALSTACK, should_load=lambda: is_patched())  # type: ignore[untyped-decorator]
def load_services() -> None:
    """Load the services while those who will use them still start."""
    from emulator.speed import service_loading

    service_loading.load_services()


@hooks.on_infra_start(priority=REPAIRS)  # type: ignore[untyped-decorator]
def mend_services() -> None:
    """Keep what LocalStack loses, and not what it need not keep; refuse what AWS would."""
    if _is_version_written_for("what its services lose is kept"):
        from emulator.repairs import catalogue
        from emulator.speed import service_loading

        catalogue.apply()
        service_loading.register_before_use()


# Function logs are held against policies as they are mended.
@hooks.on_infra_start(priority=PERMISSIONS)  # type: ignore[untyped-decorator]
def enforce_permissions() -> None:
    """Let policies count, unless the settings say otherwise."""
    from emulator.iam.setting import is_enforced

    if is_enforced() and _is_version_written_for("policies count"):
        from emulator.iam import enforcement

        enforcement.enforce()


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def tell_identity() -> None:
    """Say whose sandbox this is."""
    from emulator.gateway import identity

    identity.answer()


@hooks.on_infra_start(priority=EMPTYING)  # type: ignore[untyped-decorator]
def empty_when_asked() -> None:
    """Let tests begin with nothing."""
    if _is_version_written_for("it can be emptied"):
        from emulator import emptying

        emptying.answer()


@hooks.on_infra_start(priority=EMPTYING)  # type: ignore[untyped-decorator]
def restore_when_asked() -> None:
    """Take back what was saved."""
    if _is_version_written_for("a saved one can be restored"):
        from emulator import restoring

        restoring.answer()


def _is_version_written_for(what: str) -> bool:
    """Whether LocalStack is the version whose internals are known here; if not, the log says *what* is only there."""
    if VERSION != WRITTEN_FOR:
        LOG.error("LocalStack is %s: %s in %s only", VERSION, what, WRITTEN_FOR)
    return bool(VERSION == WRITTEN_FOR)


@hooks.on_infra_start(priority=FIRST, should_load=lambda: os.environ.get(STOP_WITH_PARENT_VARIABLE) == "1")  # type: ignore[untyped-decorator]
def stop_with_parent() -> None:
    """Stop LocalStack when the process that started it is gone: its end of our standard input closes then."""
    threading.Thread(target=_stop_at_end_of_input, name="stop-with-parent", daemon=True).start()


def _stop_at_end_of_input() -> None:
    # Not sys.stdin: a thread that waits in it keeps its lock, and the interpreter could not finish.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
