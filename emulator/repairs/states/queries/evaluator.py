"""The process that evaluates expressions: one a line of standard input, its result a line of standard output.

An expression may use SECONDS of the processor and BYTES of memory. Whatever it does, LocalStack's process goes on.
"""

import json
import resource
import signal
import sys
from typing import Any

from emulator.repairs.states.queries import language

SECONDS = 5
BYTES = 512 * 1024 * 1024
# Few of Python's frames are on the stack of the process; memory ends what never ends sooner.
FRAMES = 100_000
TOO_LONG = f"D1012: Evaluation timeout after {SECONDS * 1000} milliseconds. Check for infinite loop"
TOO_LARGE = f"Evaluation takes more than {BYTES // 1024 // 1024} MB of memory"


class TooLongError(BaseException):  # else the library would take it for an error of its own
    """An expression has used up its time."""


def main() -> None:
    """Evaluate until standard input ends."""
    # Who stops the sandbox by its keys stops LocalStack, which ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGVTALRM, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.setrecursionlimit(FRAMES)
    for line in sys.stdin.buffer:
        sys.stdout.write(_answer(**json.loads(line)) + "\n")
        sys.stdout.flush()


def _answer(expression: str, variables: dict[str, Any]) -> str:
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    # What does not look for signals ends with the process.
    signal.setitimer(signal.ITIMER_PROF, 2 * SECONDS)
    try:
        return json.dumps({"value": language.evaluate(expression, variables)})
    except (language.NothingError, language.UnsupportedResultError, language.EvaluationError) as error:
        kind, cause = type(error).__name__, str(error)
    except TooLongError:
        kind, cause = language.EvaluationError.__name__, TOO_LONG
    except MemoryError:
        kind, cause = language.EvaluationError.__name__, TOO_LARGE
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    return json.dumps({"failed": kind, "cause": cause})


def _stop(_signal: int, _frame: object) -> None:
    raise TooLongError


if __name__ == "__main__":
    main()
