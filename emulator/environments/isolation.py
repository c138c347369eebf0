"""What an environment sees of the machine: its code, the runtime, Python, the system's libraries, a folder of its own.

The fork server makes that view once, and each environment a copy of it with its own code and `/tmp` in place. Where the
kernel does not let it, :func:`reason_against` says why, and environments may use no more than that of what they see.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from emulator.environments import kernel, landlock

# AWS's own: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
TASK_ROOT = "/var/task"
RUNTIME_FOLDER = "/var/runtime"
TEMPORARY_FOLDER = "/tmp"  # noqa: S108  # a new file system, of one environment
BYTECODE_FOLDER = "/var/bytecode"

# Read-only. /nix and /gnu hold everything on systems that are made so.
SYSTEM_FOLDERS = tuple(
    map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/nix", "/gnu")),
)
RESOLVER = Path("/etc/resolv.conf").resolve().parent
PROCESSES = "/proc"
DEVICES = "/dev"
DEVICE_NAMES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
OLD_ROOT = "/.old"
NAMESPACES = os.CLONE_NEWNS | os.CLONE_NEWPID if hasattr(os, "CLONE_NEWNS") else 0


@dataclass(frozen=True)
class Places:
    """Where an environment finds what is its own."""

    task_root: str
    runtime_folder: str
    temporary_folder: str
    bytecode_folder: str


OWN_PLACES = Places(TASK_ROOT, RUNTIME_FOLDER, TEMPORARY_FOLDER, BYTECODE_FOLDER)


def reason_against(root: str, runtime_folder: str) -> str | None:
    """Try it in another process: why environments cannot have a view of their own here; None when they can.

    Args:
        root: An empty folder, not used otherwise.
        runtime_folder: As for :func:`enter_common_view`.
    """
    read_end, write_end = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(read_end)
        _try_to_exit(root, runtime_folder, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as reader:
        reason = reader.read()
    os.waitpid(process, 0)
    return reason or None


def _try_to_exit(root: str, runtime_folder: str, write_end: int) -> NoReturn:
    """Enter both views; what the kernel says against it is written down, and the process ends."""
    try:
        enter_common_view(root, runtime_folder)
        if process := kernel.fork_into(NAMESPACES):
            os.waitpid(process, 0)
        else:
            enter_own_view("/usr", "/usr", 1)
    except OSError as error:
        os.write(write_end, str(error).encode())
    finally:
        os._exit(0)


def enter_common_view(root: str, runtime_folder: str) -> None:
    """Leave the machine's files for those that all environments see; what was the root is in :data:`OLD_ROOT`.

    Args:
        root: An empty folder.
        runtime_folder: What is to be at :data:`RUNTIME_FOLDER`, links or files.

    Raises:
        OSError: The kernel does not let this user have it.
    """
    if Path(sys.base_prefix).is_relative_to(TEMPORARY_FOLDER):
        raise OSError(f"Python is in {sys.base_prefix}, and each environment has a {TEMPORARY_FOLDER} of its own")
    user, group = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWNS | (os.CLONE_NEWUSER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID, "mode=755")
    _fill(Path(root), Path(runtime_folder))
    kernel.pivot_root(root, root + OLD_ROOT)
    os.chdir("/")
    kernel.make_read_only("/", recursive=False)


def narrow(places: Places) -> None:
    """Where environments see all of the machine: let this process use of it what they would see, if the kernel can."""
    runtime = [entry.resolve() for entry in Path(places.runtime_folder).iterdir()]
    readable = [*SYSTEM_FOLDERS, Path(sys.base_prefix), RESOLVER, Path(PROCESSES), *runtime]
    readable += [Path(places.runtime_folder), Path(places.task_root)]
    allowed = [(path, landlock.READ) for path in readable]
    allowed += [(Path(folder), landlock.ALL) for folder in (places.temporary_folder, places.bytecode_folder)]
    allowed += [(Path(DEVICES, name), landlock.USE) for name in DEVICE_NAMES]
    landlock.restrict(allowed)


def describe(reason: str) -> str:
    """Say in one line what it means that environments cannot have a view of their own."""
    if landlock.version():
        left = "their own code is not at /var/task, and /tmp is everybody's; what they may read and write is bounded"
    else:
        left = "they run with all rights of the user who starts the sandbox"
    return f"functions see more of this machine than on AWS ({reason}): {left}; see docs/environments.md"


def enter_own_view(task_root: str, bytecode_folder: str, storage_bytes: int) -> None:
    """Put what one environment has of its own in its place; the caller is the first process of :data:`NAMESPACES`.

    Args:
        task_root: The folder of the code.
        bytecode_folder: Where Python may keep what it compiles of the code.
        storage_bytes: How much the environment may write.

    Raises:
        OSError: The kernel refuses it.
    """
    kernel.bind(OLD_ROOT + task_root, TASK_ROOT)
    kernel.make_read_only(TASK_ROOT)
    kernel.bind(OLD_ROOT + bytecode_folder, BYTECODE_FOLDER)
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", TEMPORARY_FOLDER, "tmpfs", quiet, f"mode=700,size={storage_bytes}")
    kernel.mount("proc", PROCESSES, "proc", quiet | kernel.MS_NOEXEC)
    kernel.detach(OLD_ROOT)


def _fill(root: Path, runtime_folder: Path) -> None:
    for folder in SYSTEM_FOLDERS:
        if folder.is_symlink():
            _in(root, folder).symlink_to(folder.readlink())
        elif folder.is_dir():
            _show(folder, _in(root, folder))
    for folder in (Path(sys.base_prefix), RESOLVER):
        if not any(folder.is_relative_to(shown) for shown in SYSTEM_FOLDERS):
            _show(folder, _in(root, folder))
    for entry in runtime_folder.iterdir():
        _show(entry.resolve(), _in(root, RUNTIME_FOLDER) / entry.name)
    for place in (TASK_ROOT, BYTECODE_FOLDER, TEMPORARY_FOLDER, OLD_ROOT, PROCESSES, DEVICES):
        _in(root, place).mkdir(parents=True, exist_ok=True)
    kernel.bind(PROCESSES, str(_in(root, PROCESSES)))
    for name in DEVICE_NAMES:
        _show(Path(DEVICES, name), _in(root, DEVICES) / name, writable=True)
    for name, target in DEVICE_LINKS.items():
        (_in(root, DEVICES) / name).symlink_to(target)


def _in(root: Path, place: Path | str) -> Path:
    return root / str(place).removeprefix("/")


def _show(source: Path, target: Path, *, writable: bool = False) -> None:
    if source.is_dir():
        target.mkdir(parents=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    kernel.bind(str(source), str(target))
    if not writable:
        kernel.make_read_only(str(target))


def main() -> None:
    """Say in one line why environments are not isolated on this machine; nothing when they are."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("root", "runtime"):
            Path(folder, name).mkdir()
        if reason := reason_against(f"{folder}/root", f"{folder}/runtime"):
            print(describe(reason))  # noqa: T201  # the result


if __name__ == "__main__":
    main()
