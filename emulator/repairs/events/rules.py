"""Rules: which events they take, which patterns they may have, and that a disabled one takes none.

LocalStack 4.14.0 takes any text for the pattern of a rule, and all events are lost that come to one that it cannot
read. It takes true for 1, a star for one letter at least, escaped or not, and the fields of different elements of an
array for those of one. It delivers for disabled rules. TestEventPattern has the same matcher, and so have the filters
of queues that invoke functions. It reads each pattern anew for each event, and flattens the event: 12 % of a run.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

import json
from typing import Any

from localstack.aws.api.events import RuleState
from localstack.services.events import provider
from localstack.services.events.archive import ArchiveService
from localstack.services.events.event_rule_engine import EventPatternCompiler, EventRuleEngine
from localstack.services.events.provider import EventsProvider
from localstack.services.events.rule import RuleService

from emulator.repairs.events.pattern_faults import check_wildcard
from emulator.repairs.events.patterns import Pattern, compiled, matches


def match_as_aws() -> None:
    """Match events, and refuse patterns, as EventBridge does."""
    process = EventsProvider._process_rules
    validate, make_archive = RuleService._validate_input, ArchiveService.create_archive_service

    def process_if_it_fits(self: EventsProvider, rule: Any, *arguments: Any) -> None:
        _region, _account, event, _trace_header = arguments
        # Else it would write each event that it refuses into a line that nobody logs.
        if rule.state != RuleState.DISABLED and matches(rule.event_pattern, event):
            process(self, rule, *arguments)

    def validated(_class: type, pattern: str | None, *others: Any) -> None:
        validate(pattern, *others)
        if pattern:
            compiled(pattern)

    def validated_archive(_class: type, *given: Any) -> Any:
        *_names, pattern, _days = given
        if pattern:
            compiled(pattern)
        return make_archive(*given)

    EventsProvider._process_rules = process_if_it_fits
    provider.matches_event = matches
    EventRuleEngine.evaluate_pattern_on_event = _evaluate
    EventPatternCompiler._validate_wildcard = check_wildcard
    RuleService._validate_input = classmethod(validated)
    ArchiveService.create_archive_service = classmethod(validated_archive)


def _evaluate(_engine: Any, compiled_event_pattern: Any, event: Any) -> bool:
    """What the filters of queues ask, which give pattern and event as objects or as text."""
    try:
        body = json.loads(event) if isinstance(event, str) else event
    except ValueError:
        return False
    return Pattern(compiled_event_pattern).fits(body)
