"""The debugger in a function's process: speaks to whoever the sandbox hands over, and stops where they want it to.

It is copied into the runtime's folder, beside debugpy, and imports nothing of this project.
"""

import functools
import importlib
import os
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

MESSAGE_BYTES = 64


class _Visitors:
    """Stands for the socket on which debuggers are accepted: the sandbox accepts them, and hands them over.

    Args:
        descriptor: Of the connection to the sandbox.
    """

    def __init__(self, descriptor: int) -> None:
        self._sandbox = socket.socket(fileno=descriptor)

    def listen(self, _backlog: int) -> None:
        """Do nothing: the sandbox listens."""

    def getsockname(self) -> tuple[str, int]:
        """No address."""
        return "", 0

    def accept(self) -> tuple[socket.socket, None]:
        """Wait for the next one."""
        _message, descriptors, _flags, _address = socket.recv_fds(self._sandbox, MESSAGE_BYTES, 1)
        if not descriptors:  # the sandbox has ended, and so will this process
            threading.Event().wait()
        return socket.socket(fileno=descriptors[0]), None

    def close(self) -> None:
        """Take none any more."""
        self._sandbox.close()


def take_debuggers(descriptor: int, task_root: str, pass_breakpoint: Callable[[FrameType], None]) -> None:
    """Let debuggers look into this process from now on; where that cannot be, one line says so.

    Args:
        descriptor: Of the connection to the sandbox, over which they come.
        task_root: The folder of the function's code: what else there is, is not the user's.
        pass_breakpoint: Is told of the frame that calls `breakpoint()` while none is attached.
    """
    settings = {"IDE_PROJECT_ROOTS": task_root, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    os.environ |= settings
    try:
        debugpy: Any = importlib.import_module("debugpy")
        importlib.import_module("debugpy.server.api")
        pydevd: Any = importlib.import_module("pydevd")  # which that brings
        pydevd.create_server_socket = lambda **_address: _Visitors(descriptor)
        debugpy.listen(0, in_process_debug_adapter=True)
    except Exception as error:  # noqa: BLE001  # it may find modules of the function's own where it expects others
        print(f"no debugger can be attached to this function: {error}", file=sys.stderr)  # noqa: T201
        os.close(descriptor)
        return
    finally:
        for name in settings:
            del os.environ[name]
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = functools.partial(_stop, debugpy, pydevd, pass_breakpoint)
    client: Any = importlib.import_module("awslambdaric.bootstrap")
    client.extract_traceback = _stopping_at_errors(client.extract_traceback, debugpy)


def _stop(
    debugpy: Any,  # noqa: ANN401  # a module
    pydevd: Any,  # noqa: ANN401
    pass_breakpoint: Callable[[FrameType], None],
    *_arguments: object,
    **_options: object,
) -> None:
    """Stop where `breakpoint()` is called, if somebody looks."""
    caller = sys._getframe(1)
    if debugpy.is_client_connected():
        pydevd.settrace(suspend=True, trace_only_current_thread=True, stop_at_frame=caller)
    else:
        pass_breakpoint(caller)


def _stopping_at_errors(extract_traceback: Callable[[Any], Any], debugpy: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Let what a handler raises stop as uncaught: AWS's client catches it, and looks where it is from, to report it."""

    def stop_and_extract(raised_at: Any) -> Any:  # noqa: ANN401
        debugpy.trigger_exception_handler()
        return extract_traceback(raised_at)

    return stop_and_extract
