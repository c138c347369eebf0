"""The first process of an environment: starts the function's, gets what loses its parent, and ends it all."""

import contextlib
import os
import resource
import signal
import socket
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypedDict

from emulator.environments import kernel
from emulator.environments.bootstrap import BYTECODE_VARIABLE, DEBUGGER_VARIABLE, run
from emulator.environments.isolation import OWN_PLACES, Places, enter_own_view, narrow
from emulator.environments.process_tree import kill_descendants

# Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
OPEN_FILES_LIMIT = 1024
# What one invocation can write to its log, or to one file where nothing else bounds that.
FILE_BYTES = 1024 * 1024 * 1024
STARTED = b"started"

# What an interpreter reads when it starts: https://docs.python.org/3/using/cmdline.html#environment-variables
INTERPRETER_VARIABLES = ("PYTHON", "LD_")
# Where AWS's client writes records of the log, each in a frame.
FRAMES_VARIABLE = "_LAMBDA_TELEMETRY_LOG_FD"
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
WRAPPER_VARIABLE = "AWS_LAMBDA_EXEC_WRAPPER"
EXIT_NOT_FOUND = 127  # as a shell ends that cannot start it


class Order(TypedDict):
    """What to start: the handler, where its code is, where it may write, and the function's variables."""

    handler: str
    task_root: str
    temporary_folder: str
    bytecode_folder: str
    variables: dict[str, str]
    memory_bytes: int
    storage_bytes: int


@dataclass(frozen=True)
class Kind:
    """How a fork server starts environments.

    Args:
        runtime_folder: Where the runtime is.
        isolated: Whether each has a view of its own of the machine, and is the first process of its namespaces.
        forked: Whether functions may use what the fork server has imported.
    """

    runtime_folder: str
    isolated: bool
    forked: bool


class Keeper:
    """Runs in a process of its own; what it starts is the environment's.

    Args:
        order: What to start.
        kind: How.
        channel: Gets :data:`STARTED` of the function's process, and in the end its exit code and most memory, in KiB.
        log: An open descriptor for the output.
        debugger: One for the connections of debuggers, if the function takes any.
    """

    def __init__(self, order: Order, kind: Kind, channel: socket.socket, log: int, debugger: int | None = None) -> None:
        self._order = order
        self._kind = kind
        self._channel = channel
        self._log = log
        self._debugger = debugger
        outside = Places(order["task_root"], kind.runtime_folder, order["temporary_folder"], order["bytecode_folder"])
        self._places = OWN_PLACES if kind.isolated else outside

    def keep(self) -> None:
        """Start the function's process, wait for its end, say how it ended, and end what it left."""
        # Not even a fork server that is killed leaves its environments behind.
        signal.signal(signal.SIGTERM, _end)
        kernel.control_process(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
        kernel.control_process(kernel.PR_SET_CHILD_SUBREAPER, 1)
        os.umask(0o077)
        if self._kind.isolated:
            enter_own_view(self._order["task_root"], self._order["bytecode_folder"], self._order["storage_bytes"])
        process = os.fork()
        if process == 0:
            run_to_exit(self._become_function)
        os.close(self._log)
        if self._debugger is not None:
            os.close(self._debugger)
        exit_code, most_kibibytes = _wait_for(process)
        kill_descendants()
        with contextlib.suppress(OSError):  # nobody may be left to hear it
            self._channel.send(f"{exit_code} {most_kibibytes}".encode())

    def _become_function(self) -> None:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kernel.control_process(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        limit = self._order["storage_bytes"] if not self._kind.isolated else FILE_BYTES
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES_LIMIT, OPEN_FILES_LIMIT))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, target in ((nothing, 0), (self._log, 1), (self._log, 2)):
            os.dup2(descriptor, target)
        os.close(nothing)
        os.set_inheritable(self._log, True)
        os.chdir(self._places.task_root)
        kernel.drop_privileges()
        if not self._kind.isolated:
            narrow(self._places)
        self._channel.send(STARTED)
        self._channel.close()
        self._run()

    def _run(self) -> None:
        variables = _own_variables(self._places, isolated=self._kind.isolated) | self._order["variables"]
        variables[FRAMES_VARIABLE] = str(self._log)
        wrapper = variables.get(WRAPPER_VARIABLE)
        if not self._kind.forked or wrapper or _differs(self._places.task_root, self._order["variables"]):
            python = [sys.executable, "-S", f"{self._places.runtime_folder}/bootstrap.py"]
            variables |= {"_HANDLER": self._order["handler"], BYTECODE_VARIABLE: self._places.bytecode_folder}
            if self._debugger is not None:
                os.set_inheritable(self._debugger, True)
                variables[DEBUGGER_VARIABLE] = str(self._debugger)
            program = [wrapper, *python] if wrapper else python
            _execute(program, variables)
        os.environ.clear()
        os.environ.update(variables)
        _forget_this_project(self._places)
        places = self._places
        run(places.task_root, places.runtime_folder, places.bytecode_folder, self._order["handler"], self._debugger)


def _execute(program: list[str], variables: dict[str, str]) -> NoReturn:
    try:
        os.execve(program[0], program, variables)  # noqa: S606  # a list, no shell
    except OSError as error:
        print(f"{program[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201  # the function's log
        sys.exit(EXIT_NOT_FOUND)


def run_to_exit(work: Callable[[], object]) -> NoReturn:
    """Do *work* and exit as the interpreter would; a forked process must never return to where it came from."""
    status: object = 1
    try:
        work()
        status = 0
    except SystemExit as end:
        status = 0 if end.code is None else end.code
    except BaseException:  # noqa: BLE001  # printed as the interpreter prints what nobody caught
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def _end(_signal: int, _frame: object) -> NoReturn:
    kill_descendants()
    os._exit(1)


def _wait_for(process: int) -> tuple[int, int]:
    """The exit code of a child, negative for a signal, and its most memory, in KiB; others are reaped meanwhile."""
    while True:
        ended, status, usage = os.wait4(-1, 0)
        if ended == process:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss


def _own_variables(places: Places, *, isolated: bool) -> dict[str, str]:
    """Lambda's own: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""
    task_root, runtime_folder = places.task_root, places.runtime_folder
    variables = {
        "LAMBDA_RUNTIME_DIR": runtime_folder,
        "LAMBDA_TASK_ROOT": task_root,
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": f"/lib64:/usr/lib64:{runtime_folder}:{task_root}:{task_root}/lib:/opt/lib",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        # Not on that page; as functions see them that were recorded on AWS.
        "PWD": task_root,
        "PYTHONPATH": runtime_folder,
        "SHLVL": "0",
    }
    # There `/tmp` is everybody's.
    return variables if isolated else variables | {"HOME": places.temporary_folder, "TMPDIR": places.temporary_folder}


def _differs(task_root: str, variables: dict[str, str]) -> bool:
    """Whether the function would get other modules or libraries in an interpreter of its own than in a fork of this."""
    if any(name.startswith(INTERPRETER_VARIABLES) for name in variables):
        return True
    loaded = {name.partition(".")[0] for name in sys.modules}
    brought = {path.name for path in Path(task_root).glob("*")}
    libraries = brought | {path.name for path in Path(task_root, "lib").glob("*")}
    return any(name.partition(".")[0] in loaded for name in brought) or any(".so" in name for name in libraries)


def _forget_this_project(places: Places) -> None:
    """Let the function see a plain interpreter that was started with the runtime's file."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "emulator"]:
        del sys.modules[name]
    main = types.ModuleType("__main__")
    main.__file__ = f"{places.runtime_folder}/bootstrap.py"
    sys.modules["__main__"] = main
