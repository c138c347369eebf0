"""Asks the processes that evaluate expressions: started when first needed, and again when one has ended."""

import contextlib
import json
import os
import queue
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any, cast

from emulator.cores import all_cores

# Which wait for each other when there are no more.
PROCESSES = os.process_cpu_count() or 1


class QueryError(Exception):
    """An expression has no value.

    Args:
        cause: The end of a sentence that begins with what expression it is.
    """


def ask(expression: str, variables: dict[str, Any]) -> Any:
    """The value of a JSONata expression.

    Args:
        expression: What stands between `{%` and `%}`.
        variables: Their values by their names, without `$`.

    Raises:
        QueryError: It has none that JSON has.
    """
    question = json.dumps({"expression": expression, "variables": variables}, default=str)
    with _process() as process:
        answer = process.ask(question)
    match answer:
        case {"value": value}:
            return value
        case {"failed": "NothingError"}:
            raise QueryError("returned nothing (undefined).")
        case {"failed": "UnsupportedResultError"}:
            raise QueryError("returned an unsupported result type.")
    raise QueryError(f"threw an error during evaluation. {answer['cause']}")


class _Process:
    """An evaluator's, if it runs."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: str) -> dict[str, Any]:
        """The answer, or that there is none because the process has ended."""
        process = self._process = self._process or _start()
        question_pipe, answer_pipe = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        with contextlib.suppress(BrokenPipeError):
            question_pipe.write(question + "\n")
            question_pipe.flush()
        if line := answer_pipe.readline():
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._process = None
        _end(process)
        return {"failed": "EvaluationError", "cause": "Evaluation takes too long, or too much memory."}


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "emulator.repairs.states.queries.evaluator"]
    with all_cores():
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    with contextlib.suppress(BrokenPipeError):
        process.communicate()


# The one that was used last is used next: the others are needed only at once.
_idle: queue.LifoQueue[_Process] = queue.LifoQueue()
for _ in range(PROCESSES):
    _idle.put(_Process())


@contextlib.contextmanager
def _process() -> Iterator[_Process]:
    process = _idle.get()
    try:
        yield process
    finally:
        _idle.put(process)
