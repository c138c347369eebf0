"""Read the definition of a state machine, and fill in its placeholders as SAM and CDK do.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html
calls them DefinitionSubstitutions. A text that is one placeholder and nothing else becomes the value itself, so that a
number can be one in a file that is JSON before and after.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bootstrap.description import Value
from bootstrap.errors import DescriptionError

Definition = dict[str, Any]
type Way = tuple[str | int, ...]

# What is read of a machine without being asked of which kind it is, and how JSON calls these kinds.
KINDS: Mapping[str, type] = {
    **dict.fromkeys(("States", "ItemProcessor", "Iterator", "ProcessorConfig"), dict),
    **dict.fromkeys(("ItemReader", "ResultWriter", "Credentials", "Not"), dict),
    **dict.fromkeys(("Branches", "Catch", "Choices", "And", "Or"), list),
    **dict.fromkeys(("StartAt", "Next", "Default", "Variable"), str),
}
CALLED: Mapping[type, str] = {dict: "an Object", list: "an Array", str: "a String"}
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class DefinitionError(DescriptionError):
    """A definition cannot be read; the message names the file and the line."""


def load_definition(file: Path, values: Mapping[str, Value]) -> Definition:
    """Read a definition.

    Args:
        file: Where it is.
        values: What its placeholders stand for.

    Raises:
        DefinitionError: It is not there, no JSON object, has a placeholder that nothing is known for, or a field of
            another kind, so that it cannot be told what its states do.
    """
    try:
        text = file.read_text(encoding="utf-8")
        definition = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{file} cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise DefinitionError(f"{file}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    if not isinstance(definition, dict):
        raise DefinitionError(f"{file}:1: a definition is a JSON object, with StartAt and States")
    for line, name in _placeholders(text):
        if name not in values:
            raise DefinitionError(f"{file}:{line}: nothing is known for ${{{name}}}{_advice(name, values)}")
    filled: Definition = _fill_in(definition, values)
    for _way, problem in misshapen(filled):
        raise DefinitionError(f"{file}: {problem}")
    return filled


def fill_in(text: str, values: Mapping[str, Value]) -> str:
    """Put values in the place of the placeholders of a text.

    Raises:
        DefinitionError: Nothing is known for one of them.
    """
    for name in PLACEHOLDER.findall(text):
        if name not in values:
            raise DefinitionError(f"nothing is known for ${{{name}}} in {text!r}{_advice(name, values)}")
    return PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), text)


def misshapen(part: Any, way: Way = ()) -> Iterator[tuple[Way, str]]:  # noqa: ANN401 - any JSON
    """The fields of a machine, or of a part of one, that are of another kind: the way to each, and what is wrong."""
    if not isinstance(part, dict):
        yield way, _should_be(dict, part, way)
        return
    for key in [key for key in part if key in KINDS]:
        here = (*way, key)
        if not isinstance(part[key], KINDS[key]):
            yield here, _should_be(KINDS[key], part[key], here)
        elif key == "States" or KINDS[key] is list:
            for name, inner in part[key].items() if key == "States" else enumerate(part[key]):
                yield from misshapen(inner, (*here, name))
        elif KINDS[key] is dict:
            yield from misshapen(part[key], here)


def _should_be(kind: type, value: Any, way: Way) -> str:  # noqa: ANN401 - any JSON
    return f"{'.'.join(map(str, way)) or 'the machine'} is {json.dumps(value):.60} but should be {CALLED[kind]}"


def states_in(part: Definition) -> Iterator[tuple[str, Definition]]:
    """Every state of a definition with its name, those within a Map or a Parallel included."""
    for name, state in part.get("States", {}).items():
        yield name, state
        for inner in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ())):
            if inner:
                yield from states_in(inner)


def _placeholders(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        for name in PLACEHOLDER.findall(line):
            yield number, name


def _advice(name: str, values: Mapping[str, Value]) -> str:
    # Not above: only who made a mistake waits for it.
    import difflib

    close = difflib.get_close_matches(name, values, 1)
    return f": did you mean ${{{close[0]}}}?" if close else f": known are {', '.join(sorted(values))}"


def _fill_in(part: Any, values: Mapping[str, Value]) -> Any:  # noqa: ANN401 - any part of a definition
    if isinstance(part, dict):
        return {fill_in(key, values): _fill_in(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_fill_in(item, values) for item in part]
    if not isinstance(part, str):
        return part
    alone = PLACEHOLDER.fullmatch(part)
    return values[alone.group(1)] if alone else fill_in(part, values)
