"""A function that does what its event says."""

import gc
import os
import resource
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


def garbage_collection(_context):
    return {"enabled": gc.isenabled(), "left out": gc.get_freeze_count()}


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


def hold(_context, megabytes, in_child=False):
    if in_child:
        holding = f"import time; held = b'x' * ({megabytes} << 20); print('holding', flush=True); time.sleep(600)"
        subprocess.run([sys.executable, "-c", holding])
    held = b"x" * (megabytes << 20)
    return len(held)


def hold_and_wait(context, megabytes):
    held = b"x" * (megabytes << 20)
    wait(context, 600)
    return len(held)


def say_much(_context, lines, characters):
    for _line in range(lines):
        print("€" * characters)


def limits(_context):
    path = Path(tempfile.mkstemp()[1])
    return {
        "open files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "file mode": path.stat().st_mode & 0o777,
        "folder": str(path.parent),
    }


def fill_storage(_context, megabytes):
    with tempfile.TemporaryFile() as file:
        file.truncate(megabytes << 20)
