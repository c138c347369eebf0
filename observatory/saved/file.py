"""The file: a zip archive of JSON, of the objects and of the functions' code. Nothing in it is run to read it."""

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from observatory.saved.errors import SavedFileError

PROJECT = "eventdriven-sandbox"
RECORDS = "sandbox.json"
OBJECTS = "objects/"
FUNCTIONS = "functions/"
TIME = "$time"


@dataclass
class Saved:
    """What there was.

    Args:
        account: The account's 12 digits.
        region: Its region.
        bucket: The stack's bucket.
        module: The stack's module.
        executions: What Step Functions says of each, with `definition` and `history`.
        logs: The events of each log group, by account, or "" for this one, and name.
        listed: The objects in the bucket, as S3 lists them.
        answers: What else was asked, and what was answered.
        objects: The content of each object by its key.
        functions: The zip file of each function by its name.
        when: When that was.
    """

    account: str
    region: str
    bucket: str
    module: str
    executions: list[dict[str, Any]] = field(default_factory=list)
    logs: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    functions: dict[str, bytes] = field(default_factory=dict)
    when: datetime = field(default_factory=lambda: datetime.now(UTC))


def require_place(file: Path) -> None:
    """Make sure that a file could be written there, before all is asked that is to be in it.

    Raises:
        SavedFileError: It is a folder, or in a folder that is not there.
    """
    if file.is_dir():
        raise SavedFileError(f"{file} is a folder: give the name of a file")
    if not file.parent.is_dir():
        raise SavedFileError(f"{file} cannot be written: there is no folder {file.parent}")


def write(saved: Saved, file: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        SavedFileError: It cannot be written there.
    """
    records = {name: value for name, value in vars(saved).items() if name not in {"objects", "functions"}}
    said = {"project": PROJECT, "version": version(PROJECT), **records}
    partial = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(RECORDS, to_json(said))
            for folder, contents in ((OBJECTS, saved.objects), (FUNCTIONS, saved.functions)):
                for name, content in contents.items():
                    archive.writestr(folder + name, content)
        partial.replace(file)
    except OSError as error:
        raise SavedFileError(f"{file} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def read(file: Path) -> Saved:
    """Read a file.

    Raises:
        SavedFileError: There is none, it is no saved sandbox, or one of another version.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            said = json.loads(archive.read(RECORDS), object_hook=_read_time)
            _require_version(file, said)
            contents = {name: archive.read(name) for name in archive.namelist()}
        del said["project"], said["version"]
        return Saved(**said, objects=_below(OBJECTS, contents), functions=_below(FUNCTIONS, contents))
    except OSError as error:
        raise SavedFileError(f"{file} cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise SavedFileError(
            f"{file} is no saved sandbox: give a file that `python scripts/sandbox.py save` wrote"
        ) from error


def to_json(value: object) -> str:
    """Write JSON in which times are told from texts."""
    return json.dumps(value, default=_write_time)


def _require_version(file: Path, said: Mapping[str, Any]) -> None:
    if said["project"] != PROJECT:
        raise ValueError(said["project"])
    if said["version"] != (own := version(PROJECT)):
        raise SavedFileError(f"{file} was saved by version {said['version']}, and this is {own}: open it with that one")


def _below(folder: str, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(folder): content for name, content in contents.items() if name.startswith(folder)}


def _write_time(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {TIME: value.isoformat()}
    raise TypeError(f"{value!r:.100} cannot be saved")


def _read_time(said: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
    return datetime.fromisoformat(said[TIME]) if said.keys() == {TIME} else said
