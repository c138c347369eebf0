"""What a sandbox holds on to while nothing happens in it: processes, threads, files and descriptors."""

import re
from collections import Counter
from dataclasses import dataclass

from testkit.waiting import wait_for
from tests.chaos.runs import ask_plugin
from tests.chaos.sandbox import ChaosSandbox

QUIET_DEADLINE_SECONDS = 180
# A pool keeps its threads, as many as it ever needed at once up to its limit; Python ends their names so.
POOLED = re.compile(r"_\d+$")
NUMBER = re.compile(r"\d+")
# A handful of connections that clients keep open between their calls.
SPARE_DESCRIPTORS = 10


@dataclass(frozen=True)
class Holdings:
    """What LocalStack has now.

    Args:
        processes: How many processes it has started.
        threads: Its threads, by the name without its number; those of pools are left out.
        files: What lies in its folder for temporary files.
        descriptors: How many files and connections are open.
    """

    processes: int
    threads: Counter[str]
    files: frozenset[str]
    descriptors: int

    def beyond(self, calm: "Holdings") -> list[str]:
        """Say what there is that a calm sandbox has not."""
        more = [f"{count} threads {name}" for name, count in (self.threads - calm.threads).items()]
        more += sorted(self.files - calm.files)
        if self.processes > calm.processes:
            more.append(f"{self.processes} processes instead of {calm.processes}")
        if self.descriptors > calm.descriptors + SPARE_DESCRIPTORS:
            more.append(f"{self.descriptors} open files instead of {calm.descriptors}")
        return more


def look(sandbox: ChaosSandbox) -> Holdings:
    """Look at what LocalStack has now."""
    process = sandbox.server.process()
    assert process, "LocalStack is gone"
    names = (name for name in ask_plugin(sandbox.clients, "none")["threads"] if not POOLED.search(name))
    threads = Counter(NUMBER.sub("", name) for name in names)
    files = frozenset(path.name for path in sandbox.temporary_folder.iterdir())
    return Holdings(len(process.children(recursive=True)), threads, files, process.num_fds())


def wait_until_idle(sandbox: ChaosSandbox) -> Holdings:
    """Wait until no environment is left, and look."""
    wait_for("the end of every environment", lambda: not has_environments(look(sandbox)), QUIET_DEADLINE_SECONDS)
    return look(sandbox)


def wait_until_nothing_is_left(sandbox: ChaosSandbox, calm: Holdings) -> list[str]:
    """Wait until LocalStack has no more than it had when it was calm, and say what is left if that does not come."""
    try:
        wait_for("calm", lambda: not look(sandbox).beyond(calm), QUIET_DEADLINE_SECONDS)
    except AssertionError:
        return look(sandbox).beyond(calm)
    return []


def has_environments(holdings: Holdings) -> bool:
    """Whether there are Lambda environments, by their folders."""
    return any(name.startswith("lambda-environment-") for name in holdings.files)
