"""The browser of the tests and of the screenshots: the Chromium that this machine has."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Root, which CI often is, may not use Chromium's own sandbox; it sees nothing but the pages of this project.
ARGUMENTS = ("--no-sandbox", "--disable-gpu")
DEAF = Path(__file__).with_name("deaf_chromium.py")


class ChromiumMissingError(Exception):
    """There is no browser; the message says what to do."""


def find_chromium() -> str:
    """Return the path of the browser.

    Raises:
        ChromiumMissingError: There is none.
    """
    if given := os.environ.get(VARIABLE):
        if found := shutil.which(given):
            return found
        raise ChromiumMissingError(f"{VARIABLE} is {given!r}, which cannot be run: name a Chromium, or unset it")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise ChromiumMissingError(f"there is no Chromium ({', '.join(NAMES)}): install one, or name it in {VARIABLE}")


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start the browser without a window, and stop it in the end."""
    environment = os.environ | {VARIABLE: find_chromium()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=DEAF, args=list(ARGUMENTS), env={**environment})
        try:
            yield browser
        finally:
            browser.close()
