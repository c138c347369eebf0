"""Run a handler with AWS's runtime client, as the file of this name does in Lambda.

It is copied into the runtime's folder, and imports nothing of this project. A forked environment calls :func:`run`; one
that needs an interpreter of its own starts it with this file.
"""

import functools
import importlib
import importlib.machinery
import os
import sys
from types import CodeType, FrameType
from typing import Any

BYTECODE_VARIABLE = "_SANDBOX_BYTECODE"
DEBUGGER_VARIABLE = "_SANDBOX_DEBUGGER"
# Beside this file, in a sandbox in which functions take debuggers.
DEBUGGER_MODULE = "sandbox_debugger"


class _CodeLoader(importlib.machinery.SourceFileLoader):
    """Keeps what Python compiles of a function outside of its code, which is read-only."""

    def __init__(self, name: str, path: str, *, bytecode_folder: str) -> None:
        super().__init__(name, path)
        self._bytecode_folder = bytecode_folder

    def get_code(self, fullname: str) -> CodeType | None:
        prefix, sys.pycache_prefix = sys.pycache_prefix, self._bytecode_folder
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix = prefix


def run(task_root: str, runtime_folder: str, bytecode_folder: str, handler: str, debugger: int | None = None) -> None:
    """Run *handler* until the process is ended.

    Args:
        task_root: The folder of the function's code; the working directory is already there.
        runtime_folder: The folder of what AWS's runtime brings, boto3 among it.
        bytecode_folder: Where Python may keep what it compiles of the code.
        handler: As in the function's configuration, for example ``app.lambda_handler``.
        debugger: The descriptor by which those come who look into it, if it takes any.
    """
    sys.path[:] = [task_root, *(folder for folder in sys.path if folder != task_root)]
    if runtime_folder not in sys.path:
        sys.path.insert(1, runtime_folder)
    sys.path_hooks.insert(0, functools.partial(_find_code, task_root, bytecode_folder))
    sys.argv = ["bootstrap", handler]
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _pass_breakpoint
    if debugger is not None:
        importlib.import_module(DEBUGGER_MODULE).take_debuggers(debugger, task_root, _say_passed)
    importlib.import_module("awslambdaric.__main__").main(sys.argv)


def _find_code(task_root: str, bytecode_folder: str, folder: str) -> importlib.machinery.FileFinder:
    if not f"{folder}/".startswith(f"{task_root}/"):
        raise ImportError(f"{folder} is not of the function")
    loaders: tuple[Any, ...] = (
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (functools.partial(_CodeLoader, bytecode_folder=bytecode_folder), importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
    )
    return importlib.machinery.FileFinder(folder, *loaders)


def _pass_breakpoint(*_arguments: object, **_options: object) -> None:
    """Go on: there is no terminal, and the debugger would end the invocation with BdbQuit."""
    _say_passed(sys._getframe(1))


def _say_passed(caller: FrameType) -> None:
    place = f"{caller.f_code.co_filename}, line {caller.f_lineno}"
    print(f"breakpoint() in {place}: no debugger is attached; the function goes on", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    bytecode = os.environ.pop(BYTECODE_VARIABLE)
    os.environ.pop("LC_CTYPE", None)  # the interpreter's own addition, where the machine lacks the locale of LANG
    given = os.environ.pop(DEBUGGER_VARIABLE, None)
    debugger = int(given) if given else None
    run(os.environ["LAMBDA_TASK_ROOT"], os.environ["LAMBDA_RUNTIME_DIR"], bytecode, os.environ["_HANDLER"], debugger)
