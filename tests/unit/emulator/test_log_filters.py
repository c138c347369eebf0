"""Which log events fit a filter pattern; most are examples of CloudWatch Logs' documentation."""

import json

import pytest

from emulator.repairs.logs.conditions import PatternError
from emulator.repairs.logs.filter_patterns import filter_of

TERMS = ["ERROR 401 WARN message", "[ERROR] a fatal exception", "WARN disk 91% full", "Exiting with ERRORCODE: -1"]


def fitting(pattern: str, messages: list[str]) -> list[int]:
    fits = filter_of(pattern)
    return [number for number, message in enumerate(messages) if fits(message)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", [0, 1, 2, 3]),
        (" ", [0, 1, 2, 3]),
        ("ERROR", [0, 1, 3]),
        ("error", []),
        ("ERROR WARN", [0]),
        ("WARN ERROR", [0]),
        ("ERROR -WARN", [1, 3]),
        ('"ERROR" -"Exiting"', [0, 1]),
        ('ERROR - "Exiting with"', [0, 1]),
        ("-ERROR", [2]),
        ("?fatal ?disk", [1, 2]),
        ("?fatal ?disk WARN", [0, 2]),  # with others, those count for nothing
        ("?fatal -ERROR", []),
        ('"a fatal"', [1]),
        ('"91%"', [2]),
        ('"a  fatal"', []),
        ("%ERROR[ C]%", [0, 3]),
        ("%^WARN%", [2]),
        ("%[0-9]{2}.* full$%", [2]),
    ],
)
def test_terms_are_found_anywhere(pattern: str, expected: list[int]) -> None:
    assert fitting(pattern, TERMS) == expected


def test_a_quote_within_quotes_is_one() -> None:
    assert fitting('"say \\"hello\\""', ['say "hello"', "say hello"]) == [0]


TRAIL = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "ThisFlag": True,
    "latency": 55.5,
    "code": 500,
    "text": "500",
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "coordinates": [[0, 1, 2], [4, 5, 6]],
    "cluster.name": "c",
}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{$.eventType=UpdateTrail}", True),
        ('{ $.eventType = "updateTrail" }', False),
        ('{ $.eventType != "UpdateTrail" }', False),
        ("{ $.eventType = *Trail }", True),
        ('{ $.eventType = "Up*il" }', True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress = 111.111.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id = 3 }", False),
        ("{ $.objectList[7].id = 2 }", False),
        ("{ $.coordinates[1][2] = 6 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.eventType IS NULL }", False),
        ("{ $.Other IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.ThisFlag IS TRUE }", True),
        ("{ $.ThisFlag IS FALSE }", False),
        ("{ $.code IS TRUE }", False),
        ("{ $.latency = * }", True),
        ("{ $.other = * }", False),
        ("{ $.other != 1 }", False),
        ("{ $.arrayKey = * }", False),
        ("{ $.arrayKey != 1 }", False),
        ("{ $.latency > 55 && $.latency <= 55.5 }", True),
        ("{ $.code < 10e3 }", True),
        ("{ $.code >= +5.0e2 }", True),
        ("{ $.code > 500 }", False),
        ("{ $.text = 500 }", True),
        ("{ $.eventType > 500 }", False),
        ("{ ($.user.id = 1) && ($.objectList[0].name = a) }", True),
        ('{ ($.user.id = 2 && $.code = 500) || $.arrayKey[1] = "value" }', False),
        ('{ $.user.email = "John.Stiles@example.com" || $.code = 1 && $.code = 2 }', True),
        ('{ ($.user.email = "John.Stiles@example.com" || $.code = 1) && $.code = 2 }', False),
        ("{ (($.code = 1) || ($.code = 2) || ($.code = 500)) && ($.user.id = 1) }", True),
        ("{ $.['cluster.name'] = c }", True),
        ('{ $.["cluster.name"] = "c" }', True),
        ("{ $.eventType = %^Up.*l$% }", True),
        ("{ $.eventType != %Trail% }", False),
    ],
)
def test_fields_of_json_are_compared(pattern: str, expected: bool) -> None:
    assert fitting(pattern, [json.dumps(TRAIL), "no JSON"]) == ([0] if expected else [])


ACCESS = [
    '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 200 1534',
    '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
    '10.0.0.1 - ann [10/Oct/2000:13:50:35 -0700] "GET /a.html HTTP/1.0" 404 20',
    "ERROR message",
    "WARN message",
]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", [0, 1, 2]),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", [0, 1]),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes]", [2]),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", [2]),
        ("[ip, user, username, timestamp, request, status_code != 200 && status_code != 404, bytes]", [1]),
        ("[..., status_code = 200, bytes]", [0]),
        ("[ip = 127.*, user, ...]", [0, 1]),
        ("[ip, user, ..., status_code = 404 || status_code = 500, bytes]", [1, 2]),
        ("[ip, ..., (status = 404 || status = 500) && status > 450, bytes]", [1]),
        ("[..., request = *.html*, status_code = 4*,]", [2]),
        ("[w1 = ERROR || w1 = WARN, w2]", [3, 4]),
        ("[w1 != ERROR && w1 != WARN, w2]", []),
        ("[w1 = %^W.*N$%, w2]", [4]),
        ('[w1 = "ERROR", w2]', [3]),
        ("[w1, w2]", [3, 4]),
        ("[...]", [0, 1, 2, 3, 4]),
    ],
)
def test_columns_are_counted_and_compared(pattern: str, expected: list[int]) -> None:
    assert fitting(pattern, ACCESS) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        *('"open', "a.b", "a-b", "%open", "%", "%%", "%a(b)%", "%[a%", "%ü%", "a %b%"),
        *("{ $.a }", "{ $.a = }", "{ $.a = 1", "{ a = 1 }", "{ $.a > b }", "{ $.a IS 1 }", "{ $.a NOT 1 }", "{}"),
        *("{ $.a = 1 && }", "{ ($.a = 1 }", "{ $.a = 1) }", "{ $.a = 1 $.b = 2 }", '{ $.a = "open }'),
        *("[a", "[a = ]", "[..., a, ...]", "[a > b]", "[a = 1 || b = 2]", '[a = "open]', "[a = 1 2]"),
    ],
)
def test_what_cloudwatch_logs_refuses_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError, match="Invalid filter pattern"):
        filter_of(pattern)
