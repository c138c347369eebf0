"""Edit a handler while `python -m bootstrap watch` runs, and measure until the next run uses the edit."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.account import Account
from benchmarks.errors import BenchmarkError
from bootstrap.settings import PROJECT

FOLDERS = ("bootstrap", "handlers")
EDITED = Path("handlers/post_process_single.py")
BEFORE, AFTER = "MAX_COOKIES = 9", "MAX_COOKIES = 0"
PEOPLE = 5
LINE_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 10


def measure_edit(account: Account, folder: Path) -> float:
    """Save an edit, wait until it is redeployed, and make sure that a run that is started then uses it.

    Args:
        account: A bootstrapped system; in the end it is as before.
        folder: For the copy of the handlers that is edited.

    Returns:
        The seconds from saving to being redeployed.

    Raises:
        BenchmarkError: The edit was not redeployed, or the run did not use it.
    """
    _copy_project(folder)
    with _watching(folder, account.variables) as lines:
        _wait_for("watching ", lines)
        seconds = _save(folder, BEFORE, AFTER, lines)
        run = account.run(PEOPLE)
        if run.total_cookies:
            raise BenchmarkError(f"a run after the edit has {run.total_cookies} cookies instead of none")
        _save(folder, AFTER, BEFORE, lines)
    return seconds


def _copy_project(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name in FOLDERS:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def _save(folder: Path, old: str, new: str, lines: Iterator[str]) -> float:
    source = (folder / EDITED).read_text()
    if old not in source:
        raise BenchmarkError(f"{EDITED} has no {old!r} to edit: adapt {Path(__file__).name}")
    began = time.monotonic()
    (folder / EDITED).write_text(source.replace(old, new))
    _wait_for("updated function postProcessSingle ", lines)
    return time.monotonic() - began


def _wait_for(beginning: str, lines: Iterator[str]) -> None:
    for line in lines:
        if line.startswith(beginning):
            return


@contextmanager
def _watching(folder: Path, variables: Mapping[str, str]) -> Iterator[Iterator[str]]:
    """The command, which watches the handlers beside the bootstrap that it is from, and the lines that it prints."""
    output, end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "bootstrap", "watch"],
        cwd=folder,
        env=os.environ | variables,
        stdout=end,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    os.close(end)
    try:
        yield _lines(output)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(output)


def _lines(output: int) -> Iterator[str]:
    """Its lines as they come; that none comes any more is an error."""
    said, pending = "nothing", b""
    while select.select([output], [], [], LINE_TIMEOUT_SECONDS)[0]:
        chunk = os.read(output, 4096)
        if not chunk:
            raise BenchmarkError(f"`python -m bootstrap watch` ended: {said}")
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            said = line.decode(errors="replace")
            yield said
    raise BenchmarkError(f"`python -m bootstrap watch` said nothing for {LINE_TIMEOUT_SECONDS} s")
