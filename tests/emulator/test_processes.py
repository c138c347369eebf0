"""A process that is remembered has ended once nothing of it is left, however many threads it had."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.ports import require_free_port
from emulator.processes import RecordedProcess

LISTENS = """
import socket, threading, time
listening = socket.create_server(("127.0.0.1", 0))
for number in range(200):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
print(listening.getsockname()[1], flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("_time", range(6))
def test_the_port_of_one_that_has_ended_is_free(tmp_path: Path, _time: int) -> None:
    remembered = RecordedProcess(tmp_path / "record.json")
    with subprocess.Popen([sys.executable, "-c", LISTENS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        remembered.remember(process.pid, port)
        process.kill()
        while remembered.find():
            pass
        require_free_port(port, "SANDBOX_PORT")
