"""Commands that meet the sandbox of another checkout."""

from pathlib import Path

import pytest

from bootstrap import checkout
from bootstrap.checkout import ForeignSandboxError, Sandbox, require_own_sandbox
from bootstrap.settings import PROJECT, Settings, load_settings

NO_FILE = Path("/nonexistent/.env")


def settings(**environment: str) -> Settings:
    return load_settings(environment, NO_FILE)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[int, Sandbox]:
    """The sandboxes that there are, by their ports."""
    found: dict[int, Sandbox] = {}
    monkeypatch.setattr(checkout, "ask", found.get)
    return found


def test_that_of_another_checkout_is_refused_in_one_line_that_says_what_to_set(found: dict[int, Sandbox]) -> None:
    found[4999] = Sandbox(Path("/home/them/project"), 17, None)
    with pytest.raises(ForeignSandboxError) as raised:
        require_own_sandbox(settings(SANDBOX_PORT="4999"))
    assert str(raised.value) == (
        "http://127.0.0.1:4999 is the sandbox of /home/them/project (pid 17): set SANDBOX_PORT to have one of your"
        " own, or AWS_ENDPOINT_URL=http://127.0.0.1:4999 to use that one"
    )


def test_one_of_compose_is_named_by_its_project(found: dict[int, Sandbox]) -> None:
    found[4566] = Sandbox(Path("/home/them/project"), 9, "theirs")
    with pytest.raises(ForeignSandboxError, match=r"/home/them/project \(compose project theirs\)"):
        require_own_sandbox(settings())


@pytest.mark.parametrize("where", [PROJECT, PROJECT / "docs"])
def test_that_of_this_checkout_is_used(found: dict[int, Sandbox], where: Path) -> None:
    found[4566] = Sandbox(where, 17, None)
    assert require_own_sandbox(settings()) == settings()


def test_a_checkout_that_is_reached_by_a_link_is_the_same(found: dict[int, Sandbox], tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(PROJECT)
    found[4566] = Sandbox(link, 17, None)
    assert require_own_sandbox(settings()) == settings()


def test_where_none_is_all_goes_on(found: dict[int, Sandbox]) -> None:
    assert not found
    assert require_own_sandbox(settings()) == settings()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", ""])
def test_one_that_is_named_is_not_asked(found: dict[int, Sandbox], endpoint: str) -> None:
    found[4566] = Sandbox(Path("/home/them/project"), 17, None)
    assert require_own_sandbox(settings(AWS_ENDPOINT_URL=endpoint)).endpoint_url == (endpoint or None)
