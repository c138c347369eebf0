"""A saved sandbox is read back as it was written, and what is none is refused in one line."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from observatory.saved.answering import open_clients
from observatory.saved.errors import SavedFileError
from observatory.saved.file import PROJECT, RECORDS, Saved, read, write
from observatory.saved.restoring import ended, require_stack
from scripts import explain
from scripts.saving import save

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAVED = Saved(
    "000000000000",
    "us-east-1",
    "a-bucket",
    "bootstrap.stack",
    executions=[{"executionArn": "an-execution", "startDate": NOON, "history": []}],
    logs={"": {"a-group": [{"logStreamName": "a", "timestamp": 1, "message": "{}"}]}},
    listed=[{"Key": "an/object ü", "Size": 2, "LastModified": NOON}],
    answers={"asked": [{"Rules": []}]},
    objects={"an/object ü": b"{}"},
    functions={"getMultiple": b"code"},
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "saved.zip"


def test_what_was_written_is_read(file: Path) -> None:
    write(SAVED, file)
    assert read(file) == SAVED
    assert [*file.parent.iterdir()] == [file]


def test_a_file_of_another_version_is_refused(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(RECORDS, json.dumps({"project": PROJECT, "version": "9.9.9"}))
    with pytest.raises(SavedFileError, match=r"was saved by version 9.9.9, and this is .*: open it with that one"):
        read(file)


@pytest.mark.parametrize("name", ["no archive", "another archive", "another project", "a list"])
def test_what_is_no_saved_sandbox_is_refused(file: Path, name: str) -> None:
    if name == "no archive":
        file.write_bytes(b"PK\x03\x04 and so on")
    else:
        with zipfile.ZipFile(file, "w") as archive:
            said = {"another project": {"project": "x"}, "a list": []}.get(name)
            archive.writestr("a.txt" if said is None else RECORDS, json.dumps(said))
    with pytest.raises(SavedFileError, match="is no saved sandbox"):
        read(file)


def test_a_file_that_is_not_there_is_named_by_the_command(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["--from", str(file)]) == 2
    assert capsys.readouterr().err == f"explain: {file} cannot be read: No such file or directory\n"


def test_what_was_saved_does_not_go_on(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        explain.main(["--from", str(file), "--follow"])
    assert "--follow needs a sandbox that runs" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(file: Path) -> None:
    nowhere = file.parent / "nowhere" / file.name
    with pytest.raises(SavedFileError, match="cannot be written: No such file or directory"):
        write(SAVED, nowhere)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", ". is a folder: give the name of a file"),
        ("/", "/ is a folder: give the name of a file"),
        ("nowhere/a", "nowhere/a cannot be written: there is no folder nowhere"),
    ],
)
def test_where_no_file_can_be_written_that_is_said_before_all_is_asked(name: str, said: str) -> None:
    with pytest.raises(SavedFileError) as refused:
        save(Path(name))
    assert str(refused.value) == said


def test_a_file_of_another_stack_is_refused() -> None:
    with pytest.raises(SavedFileError, match=r"of the stack bootstrap.stack, and STACK is 'mine'"):
        require_stack(SAVED, "mine")


def test_a_file_without_a_stack_says_so(file: Path) -> None:
    write(SAVED, file)
    with pytest.raises(SavedFileError, match="does not say what the stack is"):
        _ = open_clients(file).stack


def test_a_run_that_went_on_is_ended_when_it_was_saved() -> None:
    running = {"executionArn": "an-execution", "status": "RUNNING", "history": [{"id": 4}]}
    over = ended(running, SAVED)
    assert (over["status"], over["stopDate"], over["error"]) == ("ABORTED", SAVED.when, "Sandbox.Saved")
    assert [event["id"] for event in over["history"]] == [4, 5]
    assert running["history"] == [{"id": 4}]
