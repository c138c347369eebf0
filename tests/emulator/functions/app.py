"""A function that does what its event says."""

import contextlib
import gc
import http.client
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LOADED_AT = time.time()
calls = 0
counted = 0


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


def log(_context, message):
    print("before")
    logging.getLogger().warning(message)
    print("after")


def stop_here(_context):
    breakpoint()
    return "went on"


def fail(_context, message):
    raise ValueError(message)


def leave(_context, code):
    sys.exit(code)


def crash(_context, name):
    os.kill(os.getpid(), getattr(signal, name))


def wait(_context, seconds, announce_to=None):
    if announce_to:
        host, port = announce_to.split(":")
        socket.create_connection((host, int(port))).close()
    time.sleep(seconds)


def say_and_wait_for(_context, text, address):
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as waits:
        print(text)
        waits.recv(1)


def spawn(_context, announce_to, new_session=False):
    host, port = announce_to.split(":")
    waiting = (
        "import socket\n"
        f"connection = socket.create_connection(('{host}', {port}))\n"
        "print('connected', flush=True)\n"
        "connection.recv(1)\n"
    )
    command = [sys.executable, "-S", "-c", waiting]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=new_session)
    child.stdout.readline()


def tick(_context, new_session):
    subprocess.Popen(["sleep", "600"], start_new_session=new_session)
    threading.Thread(target=keep_ticking, daemon=True).start()


def keep_ticking():
    global counted
    while True:
        counted += 1
        time.sleep(0.01)


def ticks(_context, wait_for_more=False):
    before = counted
    while wait_for_more and counted == before:
        time.sleep(0.01)
    return counted


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
        "client": context.client_context and context.client_context.custom,
        "log group": context.log_group_name,
    }


def try_import(_context, module):
    return __import__(module).__file__


def answer_of(_context, size):
    return "x" * size


def hold(_context, megabytes, in_child=False, new_session=False):
    if in_child:
        holding = f"import time; held = b'x' * ({megabytes} << 20); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-S", "-c", holding], start_new_session=new_session)
        child.wait()
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


def fill_storage(_context, files, megabytes, seconds=0):
    with contextlib.ExitStack() as opened:
        for _number in range(files):
            file = opened.enter_context(tempfile.NamedTemporaryFile())
            for _megabyte in range(megabytes):
                file.write(bytes(1 << 20))
        time.sleep(seconds)


def start_threads(context, number):
    for _number in range(number):
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    wait(context, 600)


def look(_context, folders):
    seen = {}
    for folder in folders:
        try:
            seen[folder] = [path.name for path in Path(folder).iterdir()]
        except OSError as error:
            seen[folder] = type(error).__name__
    return seen


def write(_context, path):
    Path(path).write_text("written")


def end(_context, process):
    os.kill(process, signal.SIGTERM)


def privileges(_context):
    lines = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines())
    return {name: lines[name] for name in ("CapEff", "CapPrm", "NoNewPrivs")}


def answer_by_itself(_context, request):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=0.5)
    try:
        connection.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", "{}")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None


def print_client(context):
    print("client:", context.client_context and context.client_context.custom["caller"])


def read(_context, path):
    return Path(path).read_text()


def use_runtime(_context):
    import boto3

    subprocess.run([sys.executable, "-S", "-c", "import ssl"], check=True)
    socket.getaddrinfo("localhost", 80)
    Path(os.devnull).write_text("nothing")
    client = boto3.client("sqs", region_name="us-east-1")
    return {"region": client.meta.region_name, "random": len(os.urandom(8))}
