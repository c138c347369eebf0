"""The libraries of others that the pages and their tests load: as they were published, and no other."""

import hashlib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[4]
FOLDERS = (PROJECT / "observatory" / "web" / "static" / "vendor", PROJECT / "tests" / "browser" / "vendor")


@pytest.mark.parametrize("folder", FOLDERS, ids=["pages", "tests"])
def test_each_file_has_the_hash_that_is_written_down_for_it(folder: Path) -> None:
    hashes = folder / "SHA256SUMS"
    files = [path for path in folder.iterdir() if path.name not in {hashes.name, "README.md"}]
    lines = [line.split() for line in hashes.read_text().splitlines()]
    written_down = {name: digest for digest, name in lines}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == written_down
