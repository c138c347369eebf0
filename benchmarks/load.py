"""Loads of a sandbox's HTTP front, each bounded: connections that are idle, short, or ask something, and uploads."""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import boto3
import psutil
from botocore.config import Config

from benchmarks.errors import BenchmarkError

IDLE_CONNECTIONS = 2_000
CONNECTIONS = 2_000
UPLOADS = 200
UPLOAD_BYTES = 5 * 1024 * 1024
CLIENTS = 50
TIMEOUT_SECONDS = 60
WATCH_SECONDS = 0.05
HEALTH = b"GET /_localstack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
BUCKET = "load"


@dataclass(frozen=True)
class Peak:
    """What a load took at most: seconds in all, of LocalStack memory, threads and files."""

    load: str
    seconds: float
    mebibytes: float
    threads: int
    open_files: int


@contextmanager
def watched(load: str, process: psutil.Process, show: Callable[[Peak], None]) -> Iterator[None]:
    """Watch LocalStack during a load, and show its peak in the end."""
    done = threading.Event()
    seen: list[tuple[float, int, int]] = []

    def look() -> None:
        while not done.is_set():
            seen.append((process.memory_info().rss / 1024**2, process.num_threads(), process.num_fds()))
            done.wait(WATCH_SECONDS)

    began = time.monotonic()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    memory, threads, files = zip(*seen, strict=True)
    show(Peak(load, time.monotonic() - began, max(memory), max(threads), max(files)))


def ask(port: int) -> None:
    """Ask one question on a connection of its own.

    Raises:
        BenchmarkError: It is not answered.
    """
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        connection.sendall(HEALTH)
        answer = connection.recv(64)
    if b" 200 " not in answer:
        raise BenchmarkError(f"a question was answered with {answer!r}")


def wait_idly(port: int) -> None:
    """Open connections that ask nothing, and ask one question beside them."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8 * IDLE_CONNECTIONS), hard))
    with ExitStack() as stack:
        for _number in range(IDLE_CONNECTIONS):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS))
        ask(port)


def connect(port: int) -> None:
    """Open and close as many connections, and ask one question after them."""
    _connect_many(lambda: socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS).close())
    ask(port)


def ask_many(port: int) -> None:
    """Ask as many questions, each on its own connection."""
    _connect_many(lambda: ask(port))


def _connect_many(connect_once: Callable[[], None]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _number: connect_once(), range(CONNECTIONS)))


def upload(port: int) -> None:
    """Upload all objects at once, and read one of them."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    s3 = session.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        config=Config(max_pool_connections=UPLOADS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1}),
    )
    s3.create_bucket(Bucket=BUCKET)
    body = b"x" * UPLOAD_BYTES
    keys = [str(number) for number in range(UPLOADS)]
    with ThreadPoolExecutor(UPLOADS) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=body), keys))
    if s3.get_object(Bucket=BUCKET, Key=keys[-1])["Body"].read() != body:
        raise BenchmarkError("an object is not as it was uploaded")
    for key in keys:
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)


LOADS = {
    f"{IDLE_CONNECTIONS:,} idle connections": wait_idly,
    f"{CONNECTIONS:,} connections opened and closed": connect,
    f"{CONNECTIONS:,} questions, a connection each": ask_many,
    f"{UPLOADS} uploads of {UPLOAD_BYTES // 1024**2} MiB at once": upload,
}


def load(port: int, process: psutil.Process, show: Callable[[Peak], None]) -> None:
    """Do all of it, one after another.

    Args:
        port: Of a sandbox on this machine.
        process: Its LocalStack.
        show: Told what each took at most.

    Raises:
        BenchmarkError: Something was not answered, or not rightly.
    """
    for name, put_on in LOADS.items():
        with watched(name, process, show):
            put_on(port)
