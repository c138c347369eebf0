"""Definitions that AWS refuses.

LocalStack 4.14.0 looks at their grammar only: what leads nowhere, or cannot be reached, fails when it is run.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

import functools
import json
from typing import Any

from localstack.aws.api.stepfunctions import InvalidDefinition, StateMachineType
from localstack.services.stepfunctions.asl.static_analyser.express_static_analyser import ExpressStaticAnalyser
from localstack.services.stepfunctions.asl.static_analyser.static_analyser import StaticAnalyser
from localstack.services.stepfunctions.asl.static_analyser.test_state.test_state_analyser import (
    TestStateStaticAnalyser,
)
from localstack.services.stepfunctions.provider import StepFunctionsProvider

from emulator.repairs.states.definition_faults import Fault, find_faults

DIAGNOSTICS_AT_MOST = 100


class RefusedDefinition(InvalidDefinition):  # type: ignore[misc]  # LocalStack is untyped
    """A definition with faults.

    Args:
        faults: All of them.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults
        self.message = f"Invalid State Machine Definition: '{', '.join(map(str, faults))}'"


def refuse_faulty_definitions() -> None:
    """Look at where the states of a definition lead to, before it is taken."""
    StepFunctionsProvider._validate_definition = staticmethod(_checking(StepFunctionsProvider._validate_definition))
    StepFunctionsProvider.validate_state_machine_definition = _validate


def _checking(validate: Any) -> Any:
    @functools.wraps(validate)
    def check(definition: str, static_analysers: list[Any]) -> None:
        validate(definition=definition, static_analysers=static_analysers)
        # TestState takes a state alone, too.
        if any(isinstance(analyser, TestStateStaticAnalyser) for analyser in static_analysers):
            return
        if faults := find_faults(json.loads(definition)):
            raise RefusedDefinition(faults)

    return check


def _validate(provider: Any, _context: Any, request: Any, **_more: object) -> dict[str, Any]:
    is_express = request.get("type") == StateMachineType.EXPRESS
    analyser = ExpressStaticAnalyser() if is_express else StaticAnalyser()
    try:
        provider._validate_definition(definition=request["definition"], static_analysers=[analyser])
    except RefusedDefinition as refused:
        found = [{"code": fault.code, "message": fault.message, "location": fault.location} for fault in refused.faults]
    except InvalidDefinition as invalid:
        found = [{"code": "SCHEMA_VALIDATION_FAILED", "message": invalid.message}]
    else:
        return {"result": "OK", "diagnostics": [], "truncated": False}
    most = request.get("maxResults") or DIAGNOSTICS_AT_MOST
    diagnostics = [{"severity": "ERROR"} | fault for fault in found[:most]]
    return {"result": "FAIL", "diagnostics": diagnostics, "truncated": len(found) > most}
