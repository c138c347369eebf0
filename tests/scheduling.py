"""How tests are dealt out to several processes: those that share what is costly to make stay together."""

import os
import re

from xdist.scheduler import LoadScopeScheduling

COMPOSE = re.compile("tests/e2e/.*compose")
CHAOS = re.compile("tests/chaos/")
BROWSER = re.compile("tests/browser/")
# It waits for a minute until the command gives up a sandbox that hangs.
DEATH = re.compile("tests/e2e/test_death")
E2E = re.compile("tests/e2e/")
EMULATOR = re.compile("tests/emulator/")
ACCOUNT = re.compile("tests/(e2e|browser)/")

# There is one compose project for all its tests, and one account where it is given. All others stay with their file.
SHARED = ACCOUNT if os.environ.get("AWS_ENDPOINT_URL") else COMPOSE
# What takes longest comes first, so that nothing long begins when all else has ended; the unit tests fill the gaps.
ORDER = (COMPOSE, CHAOS, BROWSER, DEATH, E2E, EMULATOR)


def group_of(nodeid: str) -> str:
    """What a test shares a process with."""
    return SHARED.pattern if SHARED.match(nodeid) else nodeid.partition("::")[0]


def turn_of(nodeid: str) -> int:
    """When it is a test's turn: the place of its kind in the order."""
    return next((turn for turn, kind in enumerate(ORDER) if kind.match(nodeid)), len(ORDER))


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each process one group of tests after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
