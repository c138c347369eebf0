"""A function that does what its event says."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOADED_AT = time.time()
calls = 0


def lambda_handler(event, context):
    """Do what the event says."""
    global calls  # what an environment keeps between invocations is the matter
    calls += 1
    return globals()[event.pop("do")](context, **event)


def echo(_context, **event):
    return event


def count(_context):
    return {"calls": calls, "pid": os.getpid(), "loaded": LOADED_AT}


def say(_context, text):
    print(text)
    print(text.upper(), file=sys.stderr)


def fail(_context, message):
    raise ValueError(message)


def leave(_context, code):
    sys.exit(code)


def crash(_context, name):
    os.kill(os.getpid(), getattr(signal, name))


def wait(_context, seconds, flag=None):
    if flag:
        Path(flag).touch()
    time.sleep(seconds)


def spawn(_context):
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid


def surroundings(context):
    return {
        "variables": dict(os.environ),
        "folder": str(Path.cwd()),
        "temporary": tempfile.gettempdir(),
        "path": sys.path,
        "argv": sys.argv,
        "modules": sorted(sys.modules),
        "request": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
    }


def try_import(_context, module):
    return __import__(module).__file__


def answer_of(_context, size):
    return "x" * size
