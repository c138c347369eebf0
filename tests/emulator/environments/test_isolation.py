"""What a function sees of the machine that it runs on."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from emulator.environments import isolation, landlock
from emulator.environments.environment import Environment
from testkit.waiting import wait_for
from tests.emulator.conftest import (
    FUNCTIONS,
    Announcements,
    MakeEnvironment,
    answer,
    error,
    invoke,
    process,
)

PROJECT = Path(__file__).parents[3]
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
KILLED = "RequestId: request-1 Error: Runtime exited with error: signal: killed"


def test_a_function_sees_its_code_python_the_system_and_nothing_else(environment: Environment) -> None:
    seen = answer(invoke(environment, "look", folders=["/", "/var", "/tmp", "/dev"]))
    system = {folder.parts[1] for folder in isolation.SYSTEM_FOLDERS} | {Path(sys.base_prefix).parts[1], "run"}
    assert set(seen["/"]) - system == {"dev", "proc", "tmp", "var", ".old"}
    assert set(seen["/var"]) == {"task", "runtime", "bytecode"}
    assert seen["/tmp"] == []
    assert set(seen["/dev"]) == {*isolation.DEVICE_NAMES, *isolation.DEVICE_LINKS}


@pytest.mark.parametrize("path", [PROJECT, PROJECT / ".venv", Path.home() / ".aws", FUNCTIONS, "/.old/etc"])
def test_a_function_does_not_see_its_users_files(environment: Environment, path: Path | str) -> None:
    assert answer(invoke(environment, "look", folders=[str(path)])) == {str(path): "FileNotFoundError"}


def test_a_function_sees_its_own_processes_only(environment: Environment) -> None:
    seen = answer(invoke(environment, "look", folders=["/proc"]))["/proc"]
    assert {int(name) for name in seen if name.isdecimal()} == {1, 2}


def test_a_function_can_end_none_but_its_own_processes(environment: Environment) -> None:
    reported = error(invoke(environment, "end", process=os.getpid()))
    assert reported["errorType"] == "ProcessLookupError"


@pytest.mark.parametrize("path", ["/var/task/new", "/var/runtime/new", "/usr/new", "/etc/new", "/new", "/var/new"])
def test_a_function_can_write_to_its_temporary_folder_only(environment: Environment, path: str) -> None:
    assert error(invoke(environment, "write", path=path))["errorMessage"].startswith("[Errno 30] Read-only file system")
    assert answer(invoke(environment, "write", path="/tmp/new")) is None


def test_what_one_environment_writes_another_does_not_see(make_environment: MakeEnvironment) -> None:
    invoke(make_environment(), "write", path="/tmp/mine")
    assert answer(invoke(make_environment(), "look", folders=["/tmp"])) == {"/tmp": []}


def test_a_function_has_no_privileges_and_gets_none(environment: Environment) -> None:
    assert answer(invoke(environment, "privileges")) == {
        "CapEff": "0000000000000000",
        "CapPrm": "0000000000000000",
        "NoNewPrivs": "1",
    }


def test_stack_traces_name_the_code_where_lambda_has_it(environment: Environment) -> None:
    assert error(invoke(environment, "fail", message="once"))["stackTrace"][-1].startswith('  File "/var/task/app.py"')


def test_what_python_compiles_is_kept_outside_of_the_code(make_environment: MakeEnvironment, tmp_path: Path) -> None:
    (tmp_path / "once.py").write_text("def lambda_handler(event, context):\n    return __cached__\n")
    environment = make_environment("once.lambda_handler", code=tmp_path)
    assert answer(invoke(environment, "anything")).startswith("/var/task/__pycache__/once.")
    assert not list(tmp_path.glob("__pycache__"))


def test_without_help_of_the_kernel_a_function_runs_all_the_same(make_open_environment: MakeEnvironment) -> None:
    seen = answer(invoke(make_open_environment(), "surroundings"))
    assert seen["folder"] == seen["path"][0] == seen["variables"]["LAMBDA_TASK_ROOT"] == str(FUNCTIONS)
    assert seen["temporary"] == seen["variables"]["HOME"]
    assert answer(invoke(make_open_environment(), "privileges"))["NoNewPrivs"] == "1"


def test_without_help_of_the_kernel_an_interpreter_of_its_own_does_not_look_into_this_project(
    make_open_environment: MakeEnvironment,
) -> None:
    environment = make_open_environment(PYTHONOPTIMIZE="1")
    path = [Path(folder) for folder in answer(invoke(environment, "surroundings"))["path"]]
    assert not [folder for folder in path if folder.is_relative_to(PROJECT / "emulator")]


@needs_landlock
@pytest.mark.parametrize("path", [PROJECT, Path.home(), FUNCTIONS.parent, "/tmp", "/", "/dev"])
def test_with_landlock_alone_a_function_does_not_see_its_users_files(
    make_open_environment: MakeEnvironment, path: Path | str
) -> None:
    assert answer(invoke(make_open_environment(), "look", folders=[str(path)])) == {str(path): "PermissionError"}


@needs_landlock
def test_with_landlock_alone_a_function_writes_to_its_temporary_folder_only(
    make_open_environment: MakeEnvironment, tmp_path: Path
) -> None:
    environment = make_open_environment()
    for path in (FUNCTIONS / "new", tmp_path / "new", Path("/tmp/new")):
        assert error(invoke(environment, "write", path=str(path)))["errorType"] == "PermissionError"
    assert answer(invoke(environment, "limits"))["file mode"] == 0o600


@needs_landlock
def test_with_landlock_alone_a_function_can_neither_look_into_nor_end_other_processes(
    make_open_environment: MakeEnvironment,
) -> None:
    environment = make_open_environment()
    assert error(invoke(environment, "read", path=f"/proc/{os.getpid()}/environ"))["errorType"] == "PermissionError"
    if landlock.version() >= 6:
        assert error(invoke(environment, "end", process=os.getpid()))["errorType"] == "PermissionError"


@needs_landlock
def test_with_landlock_alone_the_runtime_works_all_the_same(make_open_environment: MakeEnvironment) -> None:
    environment = make_open_environment()
    assert answer(invoke(environment, "use_runtime"))["region"] == "us-east-1"


@pytest.mark.parametrize(
    ("version", "said"), [(0, "with all rights of the user"), (7, "what they may read and write is bounded")]
)
def test_one_line_says_what_it_means_that_the_kernel_does_not_help(
    monkeypatch: pytest.MonkeyPatch, version: int, said: str
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: version)
    line = isolation.describe("Operation not permitted")
    assert line.startswith("functions see more of this machine than on AWS (Operation not permitted): ")
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize("new_session", [False, True])
def test_without_help_of_the_kernel_all_that_a_function_started_is_ended(
    make_open_environment: MakeEnvironment, announcements: Announcements, *, new_session: bool
) -> None:
    environment = make_open_environment()
    invoke(environment, "spawn", announce_to=announcements.address, new_session=new_session)
    wait_for("the child", announcements.heard)
    environment.stop()
    assert not announcements.alive()


@pytest.mark.parametrize(
    ("do", "event"),
    [
        ("hold", {"megabytes": 200, "in_child": True, "new_session": True}),
        ("fill_storage", {"files": 2, "megabytes": 300, "seconds": 600}),
        ("start_threads", {"number": 1100}),
    ],
    ids=["memory", "storage", "threads"],
)
def test_without_help_of_the_kernel_what_uses_too_much_is_ended(
    make_open_environment: MakeEnvironment, do: str, event: dict[str, object]
) -> None:
    environment = make_open_environment(memory_megabytes=128 if do == "hold" else 1024)
    assert error(invoke(environment, do, **event)) == {"errorType": "Runtime.ExitError", "errorMessage": KILLED}


def test_without_help_of_the_kernel_environments_end_with_the_fork_server(
    make_open_environment: MakeEnvironment, announcements: Announcements
) -> None:
    environment = make_open_environment()
    invoke(environment, "spawn", announce_to=announcements.address, new_session=True)
    wait_for("its child", announcements.heard)
    server: psutil.Process = process(environment).parents()[1]
    server.send_signal(signal.SIGKILL)
    wait_for("the end of the child", lambda: not announcements.alive())
