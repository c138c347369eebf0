"""How Step Functions reads the definition of a state machine."""

import re

from antlr4 import CommonTokenStream, ParserRuleContext, PredictionMode
from antlr4.error.Errors import ParseCancellationException
from antlr4.error.ErrorStrategy import BailErrorStrategy
from antlr4.ListTokenSource import ListTokenSource
from antlr4.Token import CommonToken
from localstack.services.stepfunctions.asl.antlr.runtime.ASLLexer import ASLLexer
from localstack.services.stepfunctions.asl.antlr.runtime.ASLParser import ASLParser
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.parse.preprocessor import Preprocessor

# The words that the grammar spells out, each with the number of its token.
WORDS = {name[1:-1]: number for number, name in enumerate(ASLLexer.literalNames)}
# The others, as the grammar has them: of two that fit, the first one counts.
STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
INTEGER = "(?:0|[1-9][0-9]*)"
NUMBER = rf"-?{INTEGER}(?:\.[0-9]+)?(?:[eE][+-]?{INTEGER})?(?![0-9.eE])"
TOKEN = re.compile(rf"[ \t\n\r]*({STRING}|{NUMBER}|[,:\[\]{{}}]|true|false|null|\Z)")
KINDS = re.compile(
    rf"""
      (?P<STRINGDOLLAR>         ".*\.\$"           )
    | (?P<STRINGPATHCONTEXTOBJ> "\$\$.*            )
    | (?P<STRINGPATH>           "\$(?:"|[.\[].*)   )
    | (?P<STRINGVAR>            "\$[a-zA-Z_].*     )
    | (?P<STRINGINTRINSICFUNC>  "States\..+\(.*\)" )
    | (?P<STRINGJSONATA>        "\{{%.*%\}}"       )
    | (?P<STRING>               ".*                )
    | (?P<INT>                  {INTEGER}          )
    | (?P<NUMBER>               .+                 )
    """,
    re.VERBOSE,
)


class UnknownTokenError(Exception):
    """Something in a definition is no word of the language."""


def parse_definitions_quickly() -> None:
    """Find the words of a definition with one expression, and its rules without looking at where they stand.

    ANTLR works out a table of states for both while it reads its first definitions: 0.3 s to make two state machines.
    A definition that the quick way does not understand is read again the other way, which also says what is wrong.
    """
    parse = AmazonStateLanguageParser.parse

    def parse_quickly(definition: str) -> tuple[EvalComponent, ParserRuleContext]:
        try:
            tree = _tree(definition)
        except (UnknownTokenError, ParseCancellationException):
            program, tree = parse(definition)
            return program, tree
        return Preprocessor().visit(tree), tree

    AmazonStateLanguageParser.parse = staticmethod(parse_quickly)


def _tree(definition: str) -> ParserRuleContext:
    parser = ASLParser(CommonTokenStream(ListTokenSource(tokens_of(definition))))
    # Where this mode finds no error, it finds what the other one would: see antlr4.PredictionMode.
    parser._interp.predictionMode = PredictionMode.SLL
    parser._errHandler = BailErrorStrategy()
    return parser.state_machine()


def tokens_of(definition: str) -> list[CommonToken]:
    """The words of a definition, and its end.

    Raises:
        UnknownTokenError: Something in it is none.
    """
    tokens, at = [], 0
    while at < len(definition):
        found = TOKEN.match(definition, at)
        if not found:
            raise UnknownTokenError(definition[at:])
        if text := found[1]:
            tokens.append(_token(_kind(text), text))
        at = found.end()
    return [*tokens, _token(CommonToken.EOF, "<EOF>")]


def _kind(text: str) -> int:
    if word := WORDS.get(text):
        return word
    fits = KINDS.fullmatch(text)
    if not fits:
        raise UnknownTokenError(text)
    return getattr(ASLLexer, str(fits.lastgroup))


def _token(kind: int, text: str) -> CommonToken:
    token = CommonToken(type=kind)
    token.text = text
    return token
