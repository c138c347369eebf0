"""A function that connects to who wants to know when it is loaded, and stays connected for as long as it lives."""

import os
import socket

VERSION = "first"
host, port = os.environ["ANNOUNCE_TO"].split(":")
connection = socket.create_connection((host, int(port)))
calls = 0


def lambda_handler(event, _context):
    """Say who answers, and how often it has."""
    global calls  # what an environment keeps between invocations is the matter
    calls += 1
    return {"version": VERSION, "who": connection.getsockname()[1], "calls": calls}
