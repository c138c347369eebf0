"""What `scripts/invoke.py` refuses."""

import pytest

from scripts.invoke import main


@pytest.fixture(autouse=True)
def nothing_listens(endpoint: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["getMultipel", "--sample"], "has no function getMultipel: did you mean getMultiple?"),
        (["nothing"], "has no function nothing: it has getMultiple, processSingle"),
        (["getMultiple"], "nothing listens at http://127.0.0.1:9"),
        (["getMultiple", "--event", "@nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_what_cannot_be_invoked_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize("option", ["--emit", "--pdb", "--profile"])
def test_what_is_for_this_process_does_not_go_with_a_deployed_function(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["getMultiple", "--in-lambda", option])
    assert "argument --in-lambda: not with" in capsys.readouterr().err
