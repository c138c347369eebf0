"""What a function asks AWS for and its role does not allow, as far as its code shows."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from bootstrap.check.calls import ServiceCall
from bootstrap.check.findings import Finding, Severity
from bootstrap.check.handlers import HandlerCode
from bootstrap.description import FunctionSpec
from bootstrap.grants import IAM_SERVICES, action_of

# Whoever has credentials may ask for it.
FREE = "sts:GetCallerIdentity"


def check_calls(function: FunctionSpec, code: HandlerCode) -> Iterator[Finding]:
    """Find the calls that a function's role does not allow, and say of which that cannot be seen.

    Args:
        function: What its stack says of it; on which resources its grants are is left to who wrote them.
        code: What it does.
    """
    allowed = ["events:PutEvents", FREE, *(["s3:GetObject", "s3:PutObject"] if function.uses_bucket else [])]
    allowed += [action for grant in function.grants for action in grant.actions]
    for call in code.calls:
        if finding := _finding(function.name, call, allowed):
            yield finding


def _finding(name: str, call: ServiceCall, allowed: list[str]) -> Finding | None:
    if call.service is None:
        return _note(call, f"which service {name} asks here is known only when it runs")
    service = IAM_SERVICES.get(call.service, call.service)
    some = [action for action in allowed if fnmatchcase(service, action.partition(":")[0])]
    if not some:
        advice = "name in its row's `grants` what it may do"
        return Finding(call.place, f"{name} asks {call.service}, which its role does not allow", advice)
    if f"{service}:*" in some or "*" in some:
        return None
    action = action_of(call.service, call.operation) if call.operation else None
    if action is None:
        return _note(call, f"whether {name} may do what it asks of {service} cannot be seen")
    if any(fnmatchcase(action.lower(), one.lower()) for one in some):
        return None
    advice = f"add GrantSpec(({action!r},), ARN) to its row's `grants`"
    return Finding(call.place, f"{name} needs {action}, which its role does not allow", advice)


def _note(call: ServiceCall, message: str) -> Finding:
    return Finding(call.place, message, severity=Severity.NOTE)
