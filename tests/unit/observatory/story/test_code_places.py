"""Where in the project's files something failed."""

import json
from pathlib import Path

import pytest

from bootstrap.settings import PROJECT
from observatory.story.code_places import place_of_log, place_of_module, place_of_state

TRACEBACK = """[ERROR] KeyError: 'BUCKET'
Traceback (most recent call last):
\xa0\xa0File "/var/task/handlers/shared/invocation.py", line 47, in lambda_handler
\xa0\xa0\xa0\xa0handle(event, context)
\xa0\xa0File "/var/task/handlers/process_single.py", line 21, in lambda_handler
\xa0\xa0\xa0\xa0store(profile)
\xa0\xa0File "/var/task/handlers/shared/storage.py", line 37, in write_object
\xa0\xa0\xa0\xa0S3.put_object(Bucket=os.environ["BUCKET"])
\xa0\xa0File "/var/lang/lib/python3.13/os.py", line 717, in __getitem__
\xa0\xa0\xa0\xa0raise KeyError(key) from None"""


def test_it_is_the_innermost_line_of_the_workflow_s_own_code() -> None:
    place = place_of_log(["START", TRACEBACK], ())
    assert place
    assert str(place) == "handlers/process_single.py:21 in lambda_handler"
    assert place.link == f"vscode://file{PROJECT}/handlers/process_single.py:21"


def test_what_all_handlers_share_is_told_where_nothing_else_is() -> None:
    frame = 'File "/var/task/handlers/shared/storage.py", line 37, in write_object'
    assert str(place_of_log([frame], ())) == "handlers/shared/storage.py:37 in write_object"


def test_the_traceback_of_a_json_record_is_read() -> None:
    record = {"level": "ERROR", "stackTrace": ['  File "/var/task/handlers/people.py", line 3, in draw_names\n']}
    assert str(place_of_log([json.dumps(record)], ())) == "handlers/people.py:3 in draw_names"


@pytest.mark.parametrize(
    "line",
    [
        "no traceback",
        'File "/var/task/faker/proxy.py", line 1, in it',
        'File "<frozen importlib>", line 9, in load',
        "{",
    ],
)
def test_what_is_not_the_project_s_is_no_place(line: str) -> None:
    assert place_of_log([line], ()) is None


def test_code_beside_the_stack_is_found(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text('"""Work."""\n\n\ndef lambda_handler(event, context):\n    pass\n')
    place = place_of_module("work", [tmp_path])
    assert place
    assert (place.line, place.file) == (4, tmp_path / "work.py")
    assert place_of_module("rest", [tmp_path]) is None


def test_a_state_is_found_in_its_definition(tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    states = {"Each": {"Type": "Map", "ItemProcessor": {"States": {"Inner": {"Type": "Pass"}}}}}
    file.write_text(json.dumps({"States": states}, indent=1))
    place = place_of_state(file, "Inner")
    assert place
    assert '"Inner": {' in file.read_text().splitlines()[place.line - 1]
    assert place_of_state(file, "Other") is None
    assert place_of_state(tmp_path / "none.json", "Inner") is None
