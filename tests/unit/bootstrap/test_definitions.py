"""How a definition is read, and its placeholders are filled in."""

import json
from pathlib import Path
from typing import Any

import pytest

from bootstrap.definitions import DefinitionError, fill_in, load_definition, states_in
from bootstrap.description import Value

VALUES: dict[str, Value] = {"Bucket": "cookies", "MapConcurrency": 7, "Tolerant": True}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "machine.asl.json"


def load(file: Path, text: str) -> dict[str, Any]:
    file.write_text(text)
    return load_definition(file, VALUES)


def refusal(file: Path, text: str) -> str:
    with pytest.raises(DefinitionError) as raised:
        load(file, text)
    return str(raised.value)


def test_a_text_that_is_one_placeholder_becomes_the_value_itself(file: Path) -> None:
    assert load(file, '{"MaxConcurrency": "${MapConcurrency}", "Tolerant": ["${Tolerant}"]}') == {
        "MaxConcurrency": 7,
        "Tolerant": [True],
    }


def test_within_a_text_or_a_key_a_value_is_written(file: Path) -> None:
    found = load(file, '{"${Bucket}.$": "arn:aws:s3:::${Bucket}/${MapConcurrency}"}')
    assert found == {"cookies.$": "arn:aws:s3:::cookies/7"}


def test_numbers_and_all_else_stay_as_they_were_written(file: Path) -> None:
    written = {"TimeoutSeconds": 5, "MaxConcurrency": 10, "Rate": 1.5, "None": None, "Path": "$.a", "Format": "{}/{}"}
    assert load(file, json.dumps(written)) == written


def test_a_placeholder_that_nobody_defines_names_file_and_line(file: Path) -> None:
    said = refusal(file, '{\n  "Bucket": "${Bucket}",\n  "MaxConcurrency": "${MapConcurency}"\n}')
    assert said == f"{file}:3: nothing is known for ${{MapConcurency}}: did you mean ${{MapConcurrency}}?"


def test_one_that_is_like_no_other_is_told_which_there_are(file: Path) -> None:
    said = refusal(file, '{"Queue": "${qqq}"}')
    assert said == f"{file}:1: nothing is known for ${{qqq}}: known are Bucket, MapConcurrency, Tolerant"


def test_a_file_that_is_not_json_names_file_line_and_column(file: Path) -> None:
    assert refusal(file, '{\n  "StartAt": "A",\n  "States": {,\n}').startswith(f"{file}:3:14: not JSON: ")


def test_a_file_that_is_no_object_is_refused(file: Path) -> None:
    assert refusal(file, "[]") == f"{file}:1: a definition is a JSON object, with StartAt and States"


def test_a_file_that_is_not_there_is_refused_in_one_line(file: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        load_definition(file, VALUES)
    assert str(raised.value).startswith(f"{file} cannot be read: ")
    assert "\n" not in str(raised.value)


def test_a_grant_with_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"nothing is known for \$\{Bucke\} in '\$\{Bucke\}/x': did you mean"):
        fill_in("${Bucke}/x", VALUES)


def within(state: Any) -> Any:
    return {"States": {"A": {"Type": "Parallel", "Branches": [{"States": {"B": state}}]}}}


B = "States.A.Branches.0.States.B"
MISSHAPEN = [
    ({"States": []}, "States is [] but should be an Object"),
    ({"States": None}, "States is null but should be an Object"),
    ({"StartAt": [], "States": {}}, "StartAt is [] but should be a String"),
    ({"States": {"A": None}}, "States.A is null but should be an Object"),
    ({"States": {"A": {"Branches": None}}}, "States.A.Branches is null but should be an Array"),
    ({"States": {"A": {"Branches": ["x"]}}}, 'States.A.Branches.0 is "x" but should be an Object'),
    (within({"Next": []}), f"{B}.Next is [] but should be a String"),
    (within({"ItemProcessor": None}), f"{B}.ItemProcessor is null but should be an Object"),
    (within({"ItemProcessor": "x"}), f'{B}.ItemProcessor is "x" but should be an Object'),
    (within({"ItemProcessor": {"ProcessorConfig": []}}), f"{B}.ItemProcessor.ProcessorConfig is [] but should be"),
    (within({"ItemProcessor": {"States": {"C": 1}}}), f"{B}.ItemProcessor.States.C is 1 but should be an Object"),
    (within({"ItemReader": "x"}), f'{B}.ItemReader is "x" but should be an Object'),
    (within({"ResultWriter": "x"}), f'{B}.ResultWriter is "x" but should be an Object'),
    (within({"Credentials": "x"}), f'{B}.Credentials is "x" but should be an Object'),
    (within({"Catch": [None]}), f"{B}.Catch.0 is null but should be an Object"),
    (within({"Choices": [{"Not": {"Variable": []}}]}), f"{B}.Choices.0.Not.Variable is [] but should be a String"),
]


@pytest.mark.parametrize(("definition", "said"), MISSHAPEN, ids=[said for _definition, said in MISSHAPEN])
def test_a_field_of_another_kind_is_named(file: Path, definition: dict[str, Any], said: str) -> None:
    assert refusal(file, json.dumps(definition)).startswith(f"{file}: {said}")


def test_a_state_may_be_called_like_a_field(file: Path) -> None:
    written = {"StartAt": "States", "States": {"States": {"Type": "Pass", "Parameters": {"Next": 1}, "End": True}}}
    assert load(file, json.dumps(written)) == written


def test_every_state_is_found_however_deep() -> None:
    inner = {"States": {"Inner": {"Type": "Pass"}}}
    definition = {
        "States": {
            "Map": {"ItemProcessor": inner},
            "Older": {"Iterator": inner},
            "Parallel": {"Branches": [inner, {"States": {"Map": {"ItemProcessor": inner}}}]},
        }
    }
    assert [name for name, _state in states_in(definition)] == [
        *("Map", "Inner", "Older", "Inner", "Parallel", "Inner", "Map", "Inner")
    ]
