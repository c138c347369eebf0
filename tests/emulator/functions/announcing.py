"""A function that announces in a folder that it was loaded, and by which process."""

import os
from pathlib import Path

VERSION = "first"
Path(os.environ["FOLDER"], str(os.getpid())).touch()
calls = 0


def lambda_handler(event, _context):
    """Say who answers, and how often it has."""
    global calls  # what an environment keeps between invocations is the matter
    calls += 1
    return {"version": VERSION, "pid": os.getpid(), "calls": calls}
