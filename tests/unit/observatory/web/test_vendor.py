"""The libraries of others that the pages load: as they were published, and no other."""

import hashlib
from pathlib import Path

VENDOR = Path(__file__).parents[4] / "observatory" / "web" / "static" / "vendor"
HASHES = VENDOR / "SHA256SUMS"


def test_each_file_has_the_hash_that_is_written_down_for_it() -> None:
    files = [path for path in VENDOR.iterdir() if path.name not in {HASHES.name, "README.md"}]
    lines = [line.split() for line in HASHES.read_text().splitlines()]
    written_down = {name: digest for digest, name in lines}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == written_down
