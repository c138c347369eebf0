r"""Text as it is meant: what a definition escapes is read, and what states hand on is written without escapes.

LocalStack 4.14.0 keeps some text of a definition as it stands in the JSON: a path to `$.größe` leads nowhere when a
program has written it as `$.gr\u00f6\u00dfe`. What it writes as JSON, into messages and events too, has escapes for
all that is not ASCII, which AWS leaves as it is.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

import functools
import json
from types import SimpleNamespace
from typing import Any

from localstack.services.stepfunctions.asl.antlr.runtime.ASLLexer import ASLLexer
from localstack.services.stepfunctions.asl.antlt4utils.antlr4utils import is_terminal
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.label import Label
from localstack.services.stepfunctions.asl.parse import preprocessor
from localstack.services.stepfunctions.asl.utils import encoding


def keep_text() -> None:
    """Read and write it that way."""
    preprocessor.from_string_literal = preprocessor.Preprocessor._inner_string_of = staticmethod(_text_of)
    encoding.json = SimpleNamespace(dumps=write)
    Label.__init__ = _as_it_is(Label.__init__)


def write(value: Any, **options: Any) -> str:
    """The JSON of a value. Half a letter, which is none in UTF-8, stays an escape."""
    text = json.dumps(value, ensure_ascii=False, **options)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, **options)
    return text


def _as_it_is(make_label: Any) -> Any:
    @functools.wraps(make_label)
    def make(made: Any, label: str) -> None:
        # It takes escapes for what they stand for, once more.
        make_label(made, label.encode("unicode-escape").decode())

    return make


def _text_of(parser_rule_context: Any) -> str | None:
    if is_terminal(parser_rule_context, ASLLexer.NULL):
        return None
    text: str = parser_rule_context.getText()
    return str(json.loads(text)) if text.startswith('"') else text
