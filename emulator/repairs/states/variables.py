"""Variables without JSONata where JSONPath is the language, and as they were when a state was entered.

LocalStack 4.14.0 evaluates `$name.path` in a JVM, as JSONata. It sets the variables of `Assign` before `Output` reads
them, and writes text with a quotation mark into the history so that it is no JSON.
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import functools
import re
from typing import Any

from localstack.services.stepfunctions.asl.component.common.assign.assign_decl import AssignDecl
from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringVariableSample
from localstack.services.stepfunctions.asl.component.state.state import CommonStateField
from localstack.services.stepfunctions.asl.eval.variable_store import VariableStore
from localstack.services.stepfunctions.asl.utils import json_path
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str
from localstack.services.stepfunctions.asl.utils.json_path import NoSuchJsonPathError

REFERENCE = re.compile(r"\$(\w+)(.*)", re.DOTALL)


def keep_variables() -> None:
    """Read them by JSONPath, and set them when their state is left."""
    StringVariableSample._eval_body = _sample
    AssignDecl._eval_body = _collect
    CommonStateField._eval_body = _forgetting(CommonStateField._eval_body)
    CommonStateField._get_state_exited_event_details = _assigning(CommonStateField._get_state_exited_event_details)
    VariableStore.get_assigned_variables = _assigned


def _sample(part: Any, env: Any) -> None:
    name, path = REFERENCE.findall(part.expression)[0]
    known = env.variable_store._outer_scope | env.variable_store._inner_scope
    if name not in known:
        raise NoSuchJsonPathError(part.expression, known)
    try:
        env.stack.append(json_path.extract_json(f"${path}", known[name]))
    except NoSuchJsonPathError as error:
        raise NoSuchJsonPathError(part.expression, known[name]) from error


def _collect(declared: Any, env: Any) -> None:
    assigned: dict[str, Any] = {}
    for binding in declared.declaration_bindings:
        binding.eval(env=env)
        assigned |= env.stack.pop()
    env.variable_store.to_be_assigned = assigned


def _forgetting(evaluate: Any) -> Any:
    @functools.wraps(evaluate)
    def evaluate_state(state: Any, env: Any) -> None:
        env.variable_store.to_be_assigned = {}
        evaluate(state, env)

    return evaluate_state


def _assigning(details_of: Any) -> Any:
    @functools.wraps(details_of)
    def assign(state: Any, env: Any) -> Any:
        for name, value in env.variable_store.to_be_assigned.items():
            env.variable_store.set(variable_identifier=name, variable_value=value)
        return details_of(state, env)

    return assign


def _assigned(store: Any) -> dict[str, str]:
    return {name: to_json_str(store.get(name), separators=(",", ":")) for name in store._declaration_tracing}
