"""JSONata without a JVM, with the names, words and places of its errors.

LocalStack 4.14.0 evaluates it in a JVM, which it downloads when the first expression needs it, and writes all variables
into the expression as text. `$hash` and `$uuid` are missing there; a quotation mark in a variable breaks its syntax.
What cannot be evaluated is States.Runtime, without the field that it stands in. `Output` sees what `Assign` has just
set, and what fails in it is not caught.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_EvaluationFailedEventDetails.html
"""

import datetime
import functools
import json
import re
from collections.abc import Callable
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.component.common.assign.assign_decl import AssignDecl
from localstack.services.stepfunctions.asl.component.common.assign.assign_template_binding import AssignTemplateBinding
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.jsonata.jsonata_template_binding import (
    JSONataTemplateBinding,
)
from localstack.services.stepfunctions.asl.component.common.outputdecl import Output
from localstack.services.stepfunctions.asl.component.common.parargs import Arguments, ArgumentsStringJSONata
from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringJSONata
from localstack.services.stepfunctions.asl.component.common.timeouts.heartbeat import HeartbeatSecondsJSONata
from localstack.services.stepfunctions.asl.component.common.timeouts.timeout import TimeoutSecondsJSONata
from localstack.services.stepfunctions.asl.component.state.state import CommonStateField
from localstack.services.stepfunctions.asl.component.state.state_choice.comparison.comparison import (
    ConditionStringJSONata,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.execute_state import ExecutionState
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_reader.reader_config import (
    max_items_decl,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_selector import ItemSelector
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.items.items import (
    ItemsArray,
    ItemsJSONata,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.max_concurrency import (
    MaxConcurrencyJSONata,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.tolerated_failure import (
    ToleratedFailureCountStringJSONata,
    ToleratedFailurePercentageStringJSONata,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel.state_parallel import (
    StateParallel,
)
from localstack.services.stepfunctions.asl.component.state.state_fail.cause_decl import Cause
from localstack.services.stepfunctions.asl.component.state.state_fail.error_decl import Error
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.seconds import SecondsJSONata
from localstack.services.stepfunctions.asl.component.state.state_wait.wait_function.timestamp import Timestamp
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.eval.states import States

from emulator.repairs.states.choices import read_timestamp
from emulator.repairs.states.queries.asking import QueryError, ask

ERROR = "States.QueryEvaluationError"
TOLD = "An error occurred while executing the state '{}' (entered at the event id #{}). {}"
NO_TIMESTAMP = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string"
VARIABLE = re.compile(r"\$(\w+)")
STATES = re.compile(r"\$states\b(?:\.(\w+))?")
KINDS = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
NOT_NUMBERS = {"Arguments", "Condition", "Items"}

# Each part of a state that may hold expressions, and the field that it is.
FIELDS: dict[Any, str] = {
    Output: "Output",
    AssignDecl: "Assign",
    Arguments: "Arguments",
    ItemSelector: "ItemSelector",
    ItemsArray: "Items",
    ItemsJSONata: "Items",
    ConditionStringJSONata: "Condition",
    SecondsJSONata: "Seconds",
    Timestamp: "Timestamp",
    TimeoutSecondsJSONata: "TimeoutSeconds",
    HeartbeatSecondsJSONata: "HeartbeatSeconds",
    MaxConcurrencyJSONata: "MaxConcurrency",
    ToleratedFailureCountStringJSONata: "ToleratedFailureCount",
    ToleratedFailurePercentageStringJSONata: "ToleratedFailurePercentage",
    max_items_decl.MaxItemsStringJSONata: "MaxItems",
    Cause: "Cause",
    Error: "Error",
}
# What those that are one expression take, if it is not any value.
TAKEN = {ArgumentsStringJSONata: "object", ItemsJSONata: "array", ConditionStringJSONata: "boolean"} | {
    part: "number" for part, field in FIELDS.items() if part.__name__.endswith("JSONata") and field not in NOT_NUMBERS
}


class EvaluationFailedError(FailureEventException):  # type: ignore[misc]  # LocalStack is untyped
    """Something in a state has no value that its field can take."""

    def __init__(self, env: Any, location: str, cause: str) -> None:
        details = {"error": ERROR, "cause": cause, "location": location}
        event = FailureEvent(
            env=env,
            error_name=CustomErrorName(ERROR),
            event_type=HistoryEventType.EvaluationFailed,
            event_details=EventDetails(evaluationFailedEventDetails=details),
        )
        super().__init__(event)


class QueryFailedError(EvaluationFailedError):
    """It is an expression, within these fields as far as is known."""

    def __init__(self, env: Any, expression: str, problem: str, *fields: str) -> None:
        self.expression, self.problem, self.fields = expression, problem, fields
        location = "/".join(fields)
        cause = f"The JSONata expression '{expression}' specified for the field '{location}' {problem}"
        super().__init__(env, location, cause)

    def within(self, env: Any, field: str) -> "QueryFailedError":
        """The same, in a field that holds the others."""
        return QueryFailedError(env, self.expression, self.problem, field, *self.fields)


def evaluate_jsonata() -> None:
    """Ask processes of this project, say where an expression has failed, and let that be caught."""
    StringJSONata.kind = None
    StringJSONata._eval_body = _evaluate
    States.reset = _without_result(States.reset)
    FailureEvent.__init__ = _telling_state(FailureEvent.__init__)
    FailureEventException.get_evaluation_failed_event_details = _details
    for part, field in FIELDS.items():
        part._eval_body = _naming(part._eval_body, functools.partial(_same, field))
    for binding in (JSONataTemplateBinding, AssignTemplateBinding):
        binding._eval_body = _naming(binding._eval_body, lambda binding: binding.identifier)
    for part, kind in TAKEN.items():
        part.__init__ = _taking(part.__init__, kind)
    Timestamp._from_timestamp_string = staticmethod(_local_time)
    Timestamp._create_failure_event = _of_timestamp(Timestamp._create_failure_event)
    CommonStateField._eval_body = _recording(CommonStateField._eval_body)
    ExecutionState._evaluate_with_timeout = _with_output(ExecutionState._evaluate_with_timeout)
    ExecutionState._eval_state_output = _without_output(ExecutionState._eval_state_output)


def _evaluate(part: Any, env: Any) -> None:
    try:
        value = ask(part.expression, _variables(part.expression, env))
    except QueryError as error:
        raise QueryFailedError(env, part.expression, str(error)) from error
    kind = KINDS.get(type(value), "null")
    if part.kind not in (None, kind):
        problem = f"returned an unexpected result type. Expected '{part.kind}', but was '{kind}' for value: "
        raise QueryFailedError(env, part.expression, problem + json.dumps(value, separators=(",", ":")))
    if part.kind == "number" and value < 0:
        raise QueryFailedError(env, part.expression, f"returned a value that is out of range: {value}")
    env.stack.append(value)


def _variables(expression: str, env: Any) -> dict[str, Any]:
    """Those that an expression names, with no more of $states than it does."""
    store = env.variable_store
    known = store._outer_scope | store._inner_scope
    variables = {name: known[name] for name in VARIABLE.findall(expression) if name in known}
    if parts := set(STATES.findall(expression)):
        data = env.states._states_data
        variables["states"] = data if "" in parts else {name: data[name] for name in parts if name in data}
    return variables


def _without_result(reset: Any) -> Any:
    @functools.wraps(reset)
    def reset_all(states: Any, input_value: Any) -> None:
        reset(states, input_value)
        # Else they are null where AWS has nothing.
        for name in ("result", "errorOutput"):
            states._states_data.pop(name, None)

    return reset_all


def _naming(evaluate: Any, name_of: Callable[[Any], str]) -> Any:
    @functools.wraps(evaluate)
    def evaluate_field(part: Any, env: Any) -> None:
        try:
            evaluate(part, env)
        except QueryFailedError as failure:
            raise failure.within(env, name_of(part)) from failure

    return evaluate_field


def _same(field: str, _part: Any) -> str:
    return field


def _taking(make: Any, kind: str) -> Any:
    @functools.wraps(make)
    def make_taking(part: Any, string_jsonata: Any) -> None:
        make(part, string_jsonata)
        string_jsonata.kind = kind

    return make_taking


def _telling_state(make: Any) -> Any:
    @functools.wraps(make)
    def make_telling(event: Any, env: Any, error_name: Any, event_type: Any, event_details: Any = None) -> None:
        make(event, env, error_name, event_type, event_details)
        if event_type == HistoryEventType.EvaluationFailed:
            details = event_details["evaluationFailedEventDetails"]
            cause = TOLD.format(event.state_name, event.source_event_id, details["cause"])
            told = details | {"cause": cause, "state": event.state_name}
            event.event_details = EventDetails(evaluationFailedEventDetails=told)

    return make_telling


def _local_time(timestamp: Any) -> datetime.datetime | None:
    """What LocalStack compares with the clock of the machine."""
    time = read_timestamp(timestamp)
    return time and time.astimezone().replace(tzinfo=None)


def _of_timestamp(make_failure: Any) -> Any:
    @functools.wraps(make_failure)
    def fail(wait: Any, env: Any, text: Any) -> Any:
        if isinstance(wait.string, StringJSONata):
            raise EvaluationFailedError(env, "Timestamp", f"{NO_TIMESTAMP}: {text}")
        return make_failure(wait, env, text)

    return fail


def _details(failure: Any) -> Any:
    # Told before.
    return failure.failure_event.event_details["evaluationFailedEventDetails"]


def _recording(evaluate: Any) -> Any:
    """Write into the history what a state does not know how to handle; the others have done that."""

    @functools.wraps(evaluate)
    def evaluate_state(state: Any, env: Any) -> None:
        try:
            evaluate(state, env)
        except EvaluationFailedError as failure:
            _record(env, failure.failure_event)
            raise

    return evaluate_state


def _record(env: Any, event: Any) -> None:
    env.event_manager.add_event(
        context=env.event_history_context, event_type=event.event_type, event_details=event.event_details
    )


def _with_output(evaluate: Any) -> Any:
    """Work out the output, too, where Retry and Catch see what fails."""

    @functools.wraps(evaluate)
    def evaluate_all(state: Any, env: Any) -> None:
        try:
            evaluate(state, env)
            if state.output:
                state.output.eval(env=env)
        except EvaluationFailedError as failure:
            # A Task and a Map write it down themselves.
            if isinstance(state, StateParallel):
                _record(env, failure.failure_event)
            raise

    return evaluate_all


def _without_output(evaluate: Any) -> Any:
    @functools.wraps(evaluate)
    def evaluate_rest(state: Any, env: Any) -> None:
        if not state.output:
            evaluate(state, env)

    return evaluate_rest
