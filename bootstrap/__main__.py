"""The command `python -m bootstrap`."""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import bootstrap.without_common_runtime  # noqa: F401  # before botocore
from bootstrap.changes import Action, Change, Difference
from bootstrap.checkout import require_own_sandbox
from bootstrap.clients import Clients
from bootstrap.deploy import OnChange, diff, down, outputs, system, up
from bootstrap.environment import shell_lines
from bootstrap.errors import BootstrapError, DescriptionError, RefusedError, UnreachableError
from bootstrap.fresh import empty
from bootstrap.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from bootstrap.scaffold.new import Written

STATUS_REFUSED = 1
STATUS_USAGE = 2
STATUS_INTERRUPTED = 130

SHOWN_CHARACTERS = 60
# The commands that need no account.
FILES_ONLY = {"check", "graph", "new-step", "new-side-effect"}
NOTHING_DONE = {Action.UNCHANGED, Action.ABSENT}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after the program's name; this process's own if None.

    Returns:
        The exit status: 0 done, 1 AWS refused something, 2 wrong usage, settings or stack, or nothing answers.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        if options.checks_only:
            return int(options.run(settings, options))
        if options.force is not None:
            _check_first(settings, force=options.force)
        options.run(Clients(require_own_sandbox(settings)), options)
    except (SettingsError, DescriptionError, UnreachableError) as error:
        return _fail(error, STATUS_USAGE)
    except BootstrapError as error:
        return _fail(error, STATUS_REFUSED)
    except KeyboardInterrupt:
        return STATUS_INTERRUPTED
    except BrokenPipeError:
        # Whoever read it, `head` perhaps, has read enough; what is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bootstrap", description="What exists in the AWS account.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, purpose in (
        ("up", _up, "create what does not exist, update what differs"),
        ("diff", _diff, "say what `up --prune` would do"),
        ("down", _down, "remove all that `up` ever made for the stack, and what is in it"),
        ("fresh", _fresh, "empty the sandbox of runs, events and objects; what `up` made stays"),
        ("outputs", _outputs, "print names and ARNs as JSON"),
        ("check", _check, "say what is wrong with the stack, before anything runs"),
        ("graph", _graph, "say who emits which event and who takes it"),
        ("watch", _watch, "bring about what you save, be it handler, definition or stack, until Ctrl-C"),
        ("new-step", _new_step, "write a function, and a state that asks it and waits"),
        ("new-side-effect", _new_side_effect, "write a function that an event invokes, and that nobody waits for"),
    ):
        command = commands.add_parser(name, help=purpose, description=purpose.capitalize())
        command.set_defaults(run=run, force=None, checks_only=name in FILES_ONLY)
    for name in ("up", "diff", "watch"):
        commands.choices[name].add_argument("--force", action="store_true", help="go on in spite of errors")
        commands.choices[name].set_defaults(force=False)
    commands.choices["check"].add_argument("--ways", action="store_true", help="say how each token comes back")
    commands.choices["graph"].add_argument("--mermaid", action="store_true", help="draw it in Mermaid")
    commands.choices["up"].add_argument("--prune", action="store_true", help="remove what the stack no longer has")
    for name, option, kind in (("new-step", "--after", "STATE"), ("new-side-effect", "--on", "EVENT")):
        commands.choices[name].add_argument("name", metavar="NAME", help="what it does, such as check_stock")
        commands.choices[name].add_argument(option, metavar=kind, required=True, dest="place")
    as_variables = 'print the variables with which `aws` works here: eval "$(python -m bootstrap outputs --env)"'
    commands.choices["outputs"].add_argument(
        "--env", dest="run", action="store_const", const=_environment, help=as_variables
    )
    return parser


def _up(clients: Clients, options: argparse.Namespace) -> None:
    _work(clients, partial(up, prune=options.prune), "bringing up")


def _down(clients: Clients, _options: argparse.Namespace) -> None:
    _work(clients, down, "taking down")


def _diff(clients: Clients, _options: argparse.Namespace) -> None:
    changes = diff(clients)
    _print_changes(changes, "to be ")
    _print(_summary(changes, "to be "))


def _fresh(clients: Clients, _options: argparse.Namespace) -> None:
    started = time.monotonic()
    empty(clients)
    _print(f"emptied in {time.monotonic() - started:.2f} s")


def _outputs(clients: Clients, _options: argparse.Namespace) -> None:
    _print(json.dumps(outputs(clients), indent=2))


def _environment(clients: Clients, _options: argparse.Namespace) -> None:
    for line in shell_lines(clients):
        _print(line)


def _check(settings: Settings, options: argparse.Namespace) -> int:
    # Not above: to know the language of state machines takes a tenth of a second.
    from bootstrap.check.report import check_settings
    from bootstrap.check.ways import describe

    report = check_settings(settings)
    for line in report.lines():
        _print(line)
    if options.ways and report.choreography:
        for state in report.choreography.waiting:
            for line in describe(state, report.choreography):
                _print(line)
    _print(f"{settings.stack}: {report.summary}")
    return STATUS_REFUSED if report.errors else 0


def _graph(settings: Settings, options: argparse.Namespace) -> int:
    from bootstrap.check.drawing import flowchart, lines
    from bootstrap.check.report import check_settings

    report = check_settings(settings)
    if report.choreography is None:
        raise RefusedError(f"{settings.stack} cannot be drawn: {report.summary}; see `python -m bootstrap check`")
    for line in (flowchart if options.mermaid else lines)(report.choreography):
        _print(line)
    return 0


def _new_step(settings: Settings, options: argparse.Namespace) -> int:
    from bootstrap.scaffold.new import new_step

    return _say_what_was_written(new_step(settings, options.name, options.place))


def _new_side_effect(settings: Settings, options: argparse.Namespace) -> int:
    from bootstrap.scaffold.new import new_side_effect

    return _say_what_was_written(new_side_effect(settings, options.name, options.place))


def _say_what_was_written(files: "Sequence[Written]") -> int:
    """Say what is where and what is left to do, and check it in a process that has not loaded the stack as it was."""
    for written in files:
        file = os.path.relpath(written.file)
        _print(f"wrote {file}: {written.what}")
        if written.to_fill_in:
            _print(f"      fill in {written.to_fill_in}")
    return subprocess.run([sys.executable, "-m", "bootstrap", "check"], check=False).returncode


def _check_first(settings: Settings, *, force: bool) -> None:
    """Say what is wrong with the stack, unless its files are known to be right.

    Raises:
        RefusedError: There are errors, and they are not to be passed over.
    """
    from bootstrap.check.remembered import fingerprint, is_known_to_be_right, remember
    from bootstrap.check.subject import subject

    try:
        known = fingerprint(*subject(settings))
    except (BootstrapError, OSError):
        known = None
    if known and is_known_to_be_right(known):
        return
    from bootstrap.check.report import check_settings

    report = check_settings(settings)
    for line in report.lines():
        print(line, file=sys.stderr)  # noqa: T201
    if report.errors and not force:
        raise RefusedError(f"{settings.stack}: {report.summary}; --force goes on all the same")
    if known and not report.findings:
        remember(known)


def _watch(clients: Clients, options: argparse.Namespace) -> None:
    # Not above: the other commands do without watchfiles, which takes long to load.
    from bootstrap.watch import watch

    gc.enable()
    watch(clients, tell=_print, force=options.force)


def _work(clients: Clients, command: Callable[[Clients, OnChange], None], purpose: str) -> None:
    """Show progress on standard error, then what was done on standard output, also when not all could be."""
    started = time.monotonic()
    changes: list[Change] = []
    total = sum(len(stage) for stage in system(clients).stages())
    try:
        with _progress(purpose, total) as advance:

            def note(change: Change) -> None:
                changes.append(change)
                advance()

            command(clients, note)
    finally:
        _print_changes(changes)
    _print(f"{_summary(changes)} in {time.monotonic() - started:.1f} s")


@contextmanager
def _progress(purpose: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how much is done, where somebody can see it; yields what is to be called at each step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    # Not above: a tenth of a second, which only a person at a terminal has to wait.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(purpose, total=total)
        yield lambda: progress.advance(task)


def _print_changes(changes: Iterable[Change], prefix: str = "") -> None:
    for change in sorted(changes, key=lambda change: (change.resource.kind, change.resource.name)):
        if change.action not in NOTHING_DONE:
            reasons = "; ".join(_reason(difference) for difference in change.differences)
            resource = change.resource
            _print(f"{prefix}{change.action} {resource.kind} {resource.name}{': ' if reasons else ''}{reasons}")


def _reason(difference: Difference) -> str:
    return f"{'.'.join(difference.path)} {_shown(difference.actual)} → {_shown(difference.desired)}"


def _shown(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _summary(changes: Sequence[Change], prefix: str = "") -> str:
    counts = Counter(change.action for change in changes)
    parts = (
        f"{counts[action]} {'' if action in NOTHING_DONE else prefix}{action}" for action in Action if counts[action]
    )
    return f"{len(changes)} resources: {', '.join(parts)}"


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the result


def _fail(error: Exception, status: int) -> int:
    print(error, file=sys.stderr)  # noqa: T201
    return status


if __name__ == "__main__":
    # A command leaves little garbage, and to look for it, not least at the end of Python, takes a sixth of the time.
    gc.disable()
    exit_status = main()
    gc.freeze()
    sys.exit(exit_status)
