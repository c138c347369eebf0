"""What the files say that Docker, git, make and CI read."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.server import SERVICES

PROJECT = Path(__file__).parents[2]
COMPOSE = (PROJECT / "docker-compose.yml").read_text()
ALWAYS_THERE = ("bash", "env", "rm", "sed", "touch")
# Notes how it is called, and makes an environment whose Python and uv do nothing.
FAKE_UV = """#!/usr/bin/env bash
echo "$*" >>calls
if [ "$1" = venv ]; then mkdir -p .venv/bin; ln -sf "$(command -v true)" .venv/bin/python; fi
"""


def test_compose_loads_the_services_that_the_sandbox_without_docker_loads_in_the_same_order() -> None:
    assert re.findall(r"SERVICES: (.*)", COMPOSE) == [SERVICES]


def test_compose_names_its_project_and_image_after_the_folder() -> None:
    assert not re.search(r"^name:", COMPOSE, re.MULTILINE)
    assert re.findall(r"^ +image: (.*)", COMPOSE, re.MULTILINE) == ["${COMPOSE_PROJECT_NAME}-sandbox"]


def test_compose_names_the_stack_once_for_localstack_and_once_for_all_that_speak_to_it() -> None:
    # Twice in one part, and compose refuses the file; what has none would show the workflow that is the default.
    parts = re.split(r"^(?=x-|services:|  [a-z_]+:$)", COMPOSE, flags=re.MULTILINE)
    naming = [part.split(":")[0].strip() for part in parts if re.search(r"^ +STACK: ", part, re.MULTILINE)]
    assert (naming, len(re.findall(r"^ +STACK: ", COMPOSE, re.MULTILINE))) == (["x-client", "localstack"], 2)


def test_ci_leaves_no_credentials_in_a_checkout() -> None:
    ci = (PROJECT / ".github" / "workflows" / "ci.yml").read_text()
    checkouts = re.findall(r"uses: actions/checkout@.*\n(.*\n.*)\n", ci)
    assert len(checkouts) == ci.count("actions/checkout@")
    assert {" ".join(lines.split()) for lines in checkouts} == {"with: persist-credentials: false"}


def test_scripts_have_unix_line_ends_on_every_system() -> None:
    checked = subprocess.check_output(["git", "check-attr", "eol", "docker/bootstrap.sh"], cwd=PROJECT, text=True)
    assert checked.split()[-1] == "lf"


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """What `make install` reads, and a `bin` with the barest of commands."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml", ".python-version"):
        shutil.copy(PROJECT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    for name in ALWAYS_THERE:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def install(checkout: Path) -> subprocess.CompletedProcess[str]:
    """`make install` where no Python is on the path."""
    return subprocess.run(
        [str(shutil.which("make")), "install"],
        cwd=checkout,
        env={"PATH": str(checkout / "bin"), "HOME": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


def test_where_no_python_is_found_uv_brings_it(bare_checkout: Path) -> None:
    for name in ("mkdir", "ln", "true"):
        (bare_checkout / "bin" / name).symlink_to(str(shutil.which(name)))
    uv = bare_checkout / "bin" / "uv"
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)
    done = install(bare_checkout)
    assert done.returncode == 0, done.stderr
    assert "venv --quiet --python 3.13 .venv" in (bare_checkout / "calls").read_text().splitlines()


def test_where_there_is_neither_one_line_says_what_to_install(bare_checkout: Path) -> None:
    done = install(bare_checkout)
    assert done.returncode != 0
    assert "Python 3.13 is missing" in done.stderr
    assert "or install uv, which brings it" in done.stderr
