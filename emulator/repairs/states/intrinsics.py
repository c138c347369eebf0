r"""Intrinsic functions whose text comes out as it is meant, and which fail by their name.

LocalStack 4.14.0 reads a call as it stands in the JSON of the definition: `ü` is `u00fc` when a program has written it,
and `\'`, `\{` and `\\` are not understood; nor are numbers with a point, null, and names of fields that are not ASCII.
What fails is States.Runtime. Equality is Python's: true is 1, and an object has none.
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import base64
import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringIntrinsicFunction
from localstack.services.stepfunctions.asl.component.intrinsic.function.statesfunction.array import (
    array_contains,
    array_get_item,
    array_range,
    array_unique,
)
from localstack.services.stepfunctions.asl.component.intrinsic.function.statesfunction.encoding_decoding import (
    base_64_decode,
    base_64_encode,
)
from localstack.services.stepfunctions.asl.component.intrinsic.function.statesfunction.generic.string_format import (
    StringFormat,
)
from localstack.services.stepfunctions.asl.component.intrinsic.function.statesfunction.json_manipulation import (
    json_to_string,
)
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.parse.preprocessor import Preprocessor
from localstack.services.stepfunctions.asl.utils.json_path import NoSuchJsonPathError

from emulator.repairs.states.intrinsic_syntax import ESCAPED, Text, read_call

ERROR, RUNTIME = "States.IntrinsicFailure", "States.Runtime"
TOLD = "An error occurred while executing the state '{}' (entered at the event id #{}). {}"
FAILED = "The function '{}' had the following error: {}"
NOT_FOUND = "The JsonPath argument for the field '{}' could not be found in the input '{}'"
# In the text that Format fills: what is escaped, a place, anything else.
PARTS = re.compile(rf"{ESCAPED}|(\{{\}})|([^\\{{}}]+)|(.)", re.DOTALL)
CHARACTERS_AT_MOST = 10_000
ITEMS_AT_MOST = 1_000


def call_as_aws() -> None:
    """Read calls that way, and mend the functions."""
    Preprocessor.visitString_intrinsic_function = _read
    StringIntrinsicFunction._eval_body = _call
    StringFormat._eval_body = _format
    for function, compute in (
        (array_contains.ArrayContains, _contains),
        (array_get_item.ArrayGetItem, _item),
        (array_range.ArrayRange, _range),
        (array_unique.ArrayUnique, _unique),
        (base_64_decode.Base64Decode, _decoded),
        (base_64_encode.Base64Encode, _encoded),
        (json_to_string.JsonToString, _written),
    ):
        function._eval_body = _computing(compute)


def _read(_preprocessor: Any, context: Any) -> Any:
    text = json.loads(context.STRINGINTRINSICFUNC().getText())
    try:
        function = read_call(text)
    except ValueError:
        function = _Unreadable()
    return StringIntrinsicFunction(text, function)


class _Unreadable:
    """A call with a mistake, which fails when it is made; most are refused before that."""

    name = SimpleNamespace(name="")

    def eval(self, **_environment: Any) -> None:
        raise ValueError("It is no valid intrinsic function call.")


def _call(part: Any, env: Any) -> None:
    try:
        part.function.eval(env=env)
    except FailureEventException:
        raise
    except NoSuchJsonPathError as error:
        raise _failure(part, env, RUNTIME, NOT_FOUND.format(error.json_path, _written(error.data))) from error
    except Exception as error:
        raise _failure(part, env, ERROR, str(error)) from error


def _failure(part: Any, env: Any, name: str, problem: str) -> FailureEventException:
    event = FailureEvent(env=env, error_name=CustomErrorName(name), event_type=HistoryEventType.TaskFailed)
    cause = FAILED.format(part.intrinsic_function_derivation, problem)
    told = TOLD.format(event.state_name, event.source_event_id, cause)
    event.event_details = EventDetails(taskFailedEventDetails={"error": name, "cause": told})
    return FailureEventException(event)


def _computing(compute: Callable[..., Any]) -> Callable[[Any, Any], None]:
    def evaluate(function: Any, env: Any) -> None:
        function.argument_list.eval(env=env)
        env.stack.append(compute(*env.stack.pop()))

    return evaluate


def _format(function: Any, env: Any) -> None:
    function.argument_list.eval(env=env)
    template, *values = env.stack.pop()
    first = function.argument_list.arguments[0]
    env.stack.append(_filled(first.written if isinstance(first, Text) else template, values))


def _filled(template: str, values: list[Any]) -> str:
    remaining, text = iter(values), ""
    parts = PARTS.findall(template)
    places = sum(bool(place) for _escaped, place, _plain, _stray in parts)
    if places != len(values):
        raise ValueError(f"The text has {places} times {{}}, and there are {len(values)} arguments for it.")
    for escaped, place, plain, stray in parts:
        if stray:
            raise ValueError(f"The character {stray} must be escaped: \\{stray}")
        text += StringFormat._to_str_repr(next(remaining)) if place else escaped + plain
    return text


def _contains(array: Any, value: Any) -> bool:
    return _key(value) in map(_key, _array(array))


def _unique(array: Any) -> list[Any]:
    found: dict[str, Any] = {}
    for item in _array(array):
        found.setdefault(_key(item), item)
    return list(found.values())


def _item(array: Any, index: Any) -> Any:
    items = _array(array)
    if isinstance(index, bool) or not isinstance(index, int):
        raise TypeError(f"The index is no whole number: {_written(index)}")
    if not 0 <= index < len(items):
        raise IndexError(f"The index {index} is out of bounds for an array of {len(items)} items.")
    return items[index]


def _range(*bounds: Any) -> list[int]:
    if any(isinstance(bound, bool) or not isinstance(bound, int | float) for bound in bounds):
        raise TypeError(f"The arguments are no numbers: {_written(bounds)}")
    first, last, step = map(round, bounds)
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > ITEMS_AT_MOST:
        raise ValueError(f"The array would have {len(numbers)} items; {ITEMS_AT_MOST} are allowed.")
    return list(numbers)


def _encoded(text: Any) -> str:
    return base64.b64encode(_short(text).encode()).decode()


def _decoded(text: Any) -> str:
    return base64.b64decode(_short(text)).decode()


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _key(value: Any) -> str:
    """What equal values have in common: for JSON, neither is true 1 nor does the order of fields matter."""
    return json.dumps(value, sort_keys=True)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"It is no array: {_written(value)}")
    return value


def _short(text: Any) -> str:
    if not isinstance(text, str) or len(text) > CHARACTERS_AT_MOST:
        raise ValueError(f"It is no text of at most {CHARACTERS_AT_MOST} characters.")
    return text
