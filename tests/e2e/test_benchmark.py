"""What the benchmark does beside runs."""

from pathlib import Path

from benchmarks.account import Account
from benchmarks.editing import measure_edit
from bootstrap.clients import Clients


def test_an_edit_is_timed_from_its_saving_to_the_word_of_watch(sandbox: Clients, tmp_path: Path) -> None:
    account = Account(str(sandbox.settings.endpoint_url), pause_seconds=0.1)
    assert measure_edit(account, tmp_path / "edited") > 0
