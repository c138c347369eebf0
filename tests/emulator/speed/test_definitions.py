"""A definition that is read quickly comes to what LocalStack reads in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from antlr4 import InputStream
from antlr4.tree.Trees import Trees
from localstack.services.stepfunctions.asl.antlr.runtime.ASLLexer import ASLLexer
from localstack.services.stepfunctions.asl.antlr.runtime.ASLParser import ASLParser
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException

from emulator.speed import definitions
from tests.stacks import system_of

Parse = Callable[[str], tuple[Any, Any]]

DEFINITIONS = system_of().definitions

STRINGS = (
    *("", "text", "States", "States.ALL", "States.Format('{}', $.a)", "States.Format(", "States.()", "States.X()"),
    *("$", "$$", "$.a", "$[0]", "$a", "$_", "$1", "$ ", "$$.Execution.Id", "a.$", "$.a.$", ".$", "$."),
    *("{% $a %}", "{%%}", "{%}", "{% a", 'quoted "word"', "back\\slash", "\b\f\n\r\t", "é", "\u2028", "😀", "/"),
)
NUMBERS = ("0", "7", "10", "-1", "-0", "1.5", "-0.25", "1e3", "1E+3", "2.5e-10")


@pytest.fixture
def parse() -> Parse:
    parse: Parse = AmazonStateLanguageParser.parse
    return parse


@pytest.fixture
def parse_quickly(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> Parse:
    """Parses the quick way only."""

    def never(_definition: str) -> None:
        raise AssertionError("it was read the slow way")

    monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(never))
    definitions.parse_definitions_quickly()
    quick: Parse = AmazonStateLanguageParser.parse
    monkeypatch.undo()
    return quick


def written(tree: Any) -> str:
    text: str = Trees.toStringTree(tree, ASLParser.ruleNames)
    return text


def refusal(definition: str, parse: Parse) -> list[str]:
    """What is wrong with a definition."""
    with pytest.raises(ASLParserException) as refused:
        parse(definition)
    errors: list[str] = refused.value.errors
    return errors


@pytest.mark.parametrize("machine", DEFINITIONS)
def test_the_machines_of_the_stack_are_read_quickly_and_alike(machine: str, parse: Parse, parse_quickly: Parse) -> None:
    definition = json.dumps(DEFINITIONS[machine], indent=2)
    assert written(parse_quickly(definition)[1]) == written(parse(definition)[1])


def test_each_word_is_of_the_kind_that_the_grammar_says() -> None:
    words = [word for word in definitions.WORDS if word != "INVALID"]
    strings = [json.dumps(text, ensure_ascii=escaped) for text in STRINGS for escaped in (True, False)]
    definition = " \n\t\r".join([*words, *strings, *NUMBERS, '"\\/\\u00E9"'])
    lexer = ASLLexer(InputStream(definition))
    expected = [(token.type, token.text) for token in lexer.getAllTokens()]
    assert len(expected) == len(words) + len(strings) + len(NUMBERS) + 1
    assert [(token.type, token.text) for token in definitions.tokens_of(definition)[:-1]] == expected


@pytest.mark.parametrize(
    "definition",
    [
        *('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}', '{"StartAt": "A"', "", "{}"),
        *('{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 01, "End": true}}}', '{"StartAt" = "A"}'),
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "\\x", "End": true}}}',
    ],
)
def test_a_definition_with_an_error_is_refused_with_the_same_words(
    definition: str, parse: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(parse))
    definitions.parse_definitions_quickly()
    # It says somewhat more from the second time on.
    _first, theirs, ours = (refusal(definition, way) for way in (parse, parse, AmazonStateLanguageParser.parse))
    assert ours == theirs


def test_what_is_between_the_words_is_passed_over_as_before(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = '{"StartAt": "A", @ "States": {"A": {"Type": "Pass", "End": true}}}'
    monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(parse))
    definitions.parse_definitions_quickly()
    assert written(AmazonStateLanguageParser.parse(definition)[1]) == written(parse(definition)[1])
