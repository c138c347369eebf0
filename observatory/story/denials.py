"""What was denied to those that a run consists of: who asked, for what, and the statement that would allow it."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bootstrap.place import role_name
from observatory.clock import iso
from observatory.records.consumers import FUNCTION, Consumer
from observatory.records.denials import Denial
from observatory.records.invocations import Invocation
from observatory.story.story import Story

SESSION = re.compile(r"arn:[^:]+:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<name>.+)")
EXECUTION = re.compile(r"arn:[^:]+:states:[^:]+:\d{12}:execution:[^:/]+:[^:/]+")
# How long after an event a rule may be denied to deliver it, and how far a log's clock may be from that of who denies.
LONGEST_DELIVERY = timedelta(seconds=10)
SLACK = timedelta(milliseconds=100)
RESOURCES_SHOWN = 10


@dataclass(frozen=True)
class Denied:
    """What one of a run was denied, as often as it asked.

    Args:
        who: The function, machine or rule.
        action: What for.
        resources: On what.
        times: How often.
        first: When first.
        policy: Where the statement would have to be, in words.
        statement: What would allow it.
    """

    who: str
    action: str
    resources: tuple[str, ...]
    times: int
    first: datetime
    policy: str
    statement: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """Return for example ``pickItem may not s3:GetObject on arn:aws:s3:::b/k (3 times)``."""
        more = f" and {len(self.resources) - 1} more" if len(self.resources) > 1 else ""
        times = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.who} may not {self.action} on {self.resources[0]}{more}{times}"

    def to_json_object(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "who": self.who,
            "action": self.action,
            "resources": self.resources,
            "times": self.times,
            "first": iso(self.first),
            "policy": self.policy,
            "statement": self.statement,
            "sentence": self.sentence,
        }


def denied(story: Story) -> tuple[Denied, ...]:
    """Say what was denied to a run, the first thing first.

    A function's are those of its invocations for the run, a rule's those after an event of the run that it takes; a
    machine's are those while the run went on, so of two at the same time each has those of both.
    """
    asked = _Asked(story)
    groups: defaultdict[tuple[str, str, str], list[Denial]] = defaultdict(list)
    for denial in story.denials:
        if who := asked.by(denial):
            groups[who, denial.action, denial.policy].append(denial)
    return tuple(_sum_up(who, denials) for (who, _action, _policy), denials in groups.items())


def _sum_up(who: str, denials: list[Denial]) -> Denied:
    first, resources = denials[0], tuple(dict.fromkeys(denial.resource for denial in denials))
    statement = dict(first.statement)
    if len(resources) > 1 and "Resource" in statement:
        statement["Resource"] = [*resources[:RESOURCES_SHOWN]]
    return Denied(who, first.action, resources, len(denials), first.time, first.policy, statement)


class _Asked:
    """Finds who of a run asked for something."""

    def __init__(self, story: Story) -> None:
        self._story = story
        region = story.execution.arn.split(":")[3]
        rules = {consumer.via or consumer.rule for consumer in story.consumers}
        owners = {story.execution.machine: story.execution.machine, story.stack.finisher: story.stack.finisher}
        owners |= {rule: f"rule {rule}" for rule in rules}
        self._roles = {role_name(owner, region): shown for owner, shown in owners.items()}

    def by(self, denial: Denial) -> str | None:
        """Who of the run asked; None if nobody of it did, as far as that can be known."""
        execution = self._story.execution.arn
        named = set(EXECUTION.findall(denial.resource))
        if denial.time < self._story.execution.started - SLACK or (named and execution not in named):
            return None
        if session := SESSION.fullmatch(denial.caller):
            return self._in_session(denial, session["account"], session["role"], session["name"])
        source = denial.source or ""
        if ":rule/" in source:
            return self._for_rule(denial, source.rpartition("/")[2])
        if ":function:" in source:
            function = source.partition(":function:")[2].partition(":")[0]
            return function if self._is_handed(denial.time, lambda one: one.name == function) else None
        return None

    def _in_session(self, denial: Denial, account: str, role: str, name: str) -> str | None:
        if role in self._roles:
            return self._roles[role] if denial.time <= self._story.ended + LONGEST_DELIVERY else None
        own = self._story.execution.arn.split(":")[4]
        where = None if account == own else account
        consumers = (one for one in self._story.consumers if one.kind == FUNCTION)
        # A function acts in a session that has its name.
        function = next((one for one in consumers if (one.name, one.account) == (name, where)), None)
        return function.label if function and self._was_at_work(function, denial.time) else None

    def _was_at_work(self, function: Consumer, when: datetime) -> bool:
        mine = [
            one for one in self._story.invocations if (one.function, one.account) == (function.name, function.account)
        ]
        if mine:
            return any(self._lasted(one, when) for one in mine)
        # One that may not write its log leaves no other trace.
        return self._is_handed(when, lambda one: one == function)

    def _lasted(self, invocation: Invocation, when: datetime) -> bool:
        return invocation.started - SLACK <= when <= (invocation.ended or self._story.told) + SLACK

    def _for_rule(self, denial: Denial, rule: str) -> str | None:
        return f"rule {rule}" if self._is_handed(denial.time, lambda one: rule in {one.rule, one.via}) else None

    def _is_handed(self, when: datetime, is_meant: Callable[[Consumer], bool]) -> bool:
        """Whether an event of the run was on its way to some consumer."""
        return any(
            event.emitted - SLACK <= when <= event.emitted + LONGEST_DELIVERY
            for event in self._story.events
            if any(is_meant(one) and one.takes(event.type) for one in self._story.consumers)
        )
