"""How a call of an intrinsic function is written.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import json
import re
from typing import Any

from localstack.services.stepfunctions.asl.component.common.query_language import QueryLanguageMode
from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringVariableSample
from localstack.services.stepfunctions.asl.component.intrinsic.argument.argument import (
    ArgumentContextPath,
    ArgumentFunction,
    ArgumentJsonPath,
    ArgumentList,
    ArgumentLiteral,
    ArgumentVar,
)
from localstack.services.stepfunctions.asl.component.intrinsic.function.statesfunction.factory import (
    StatesFunctionFactory,
)
from localstack.services.stepfunctions.asl.component.intrinsic.functionname.state_function_name_types import (
    StatesFunctionNameType,
)
from localstack.services.stepfunctions.asl.component.intrinsic.functionname.states_function_name import (
    StatesFunctionName,
)

# AWS refuses an escaped double quotation mark, which much that is around has.
ESCAPED = r"""\\([\\'"{}])"""
TEXT = r"""'(?:[^'\\]|\\[\\'"{}])*'"""
QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
BRACKETS = rf"\[(?:{QUOTED}|\[(?:{QUOTED}|[^\]'\"])*\]|[^\[\]'\"])*\]"
ARGUMENT = re.compile(
    rf"""
    \s* (?:
        (?P<call>     States\.(?P<name>\w+) \s* \(                 )
      | (?P<text>     {TEXT}                                       )
      | (?P<path>     \$ (?: [^\s,()\[\]'"] | {BRACKETS} )*        )
      | (?P<constant> true | false | null | -?\d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    )""",
    re.VERBOSE | re.DOTALL,
)
BETWEEN = re.compile(r"\s*([,)])\s*")
NO_ARGUMENTS = re.compile(r"\s*\)\s*")


class IntrinsicSyntaxError(ValueError):
    """Text that is no call of an intrinsic function."""


class Text(ArgumentLiteral):  # type: ignore[misc]  # LocalStack is untyped
    """A text between quotation marks, as it is meant and as it is written."""

    def __init__(self, written: str) -> None:
        super().__init__(re.sub(ESCAPED, r"\1", written))
        self.written = written


def read_call(text: str) -> Any:
    """The function that a text calls, with its arguments.

    Raises:
        IntrinsicSyntaxError: It is no such call.
    """
    argument, end = _argument(text, 0)
    if not isinstance(argument, ArgumentFunction) or end != len(text):
        raise IntrinsicSyntaxError(text)
    return argument.function


def _argument(text: str, at: int) -> tuple[Any, int]:
    found = ARGUMENT.match(text, at)
    if not found:
        raise IntrinsicSyntaxError(text)
    if found["call"]:
        arguments, end = _arguments(text, found.end())
        return ArgumentFunction(_function(found["name"], arguments)), end
    return _value(found), found.end()


def _arguments(text: str, at: int) -> tuple[list[Any], int]:
    arguments: list[Any] = []
    if none := NO_ARGUMENTS.match(text, at):
        return arguments, none.end()
    while True:
        argument, at = _argument(text, at)
        arguments.append(argument)
        between = BETWEEN.match(text, at)
        if not between:
            raise IntrinsicSyntaxError(text)
        at = between.end()
        if between[1] == ")":
            return arguments, at


def _value(found: re.Match[str]) -> Any:
    if found["text"]:
        return Text(found["text"][1:-1])
    if found["constant"]:
        return ArgumentLiteral(json.loads(found["constant"]))
    path = found["path"]
    if path.startswith("$$"):
        return ArgumentContextPath(path)
    if path[1:2] in ("", ".", "["):
        return ArgumentJsonPath(path)
    return ArgumentVar(StringVariableSample(QueryLanguageMode.JSONPath, path))


def _function(name: str, arguments: list[Any]) -> Any:
    if name not in StatesFunctionNameType.__members__:
        raise IntrinsicSyntaxError(name)
    kind = StatesFunctionNameType[name]
    return StatesFunctionFactory.from_name(StatesFunctionName(kind), ArgumentList(arguments))
