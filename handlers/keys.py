"""The keys under which a run stores its objects."""

import hashlib
import re

SAFE_CHARACTERS = "A-Za-z0-9 ._'-"
SAFE_NAME = re.compile(f"[{SAFE_CHARACTERS}]{{0,100}}")
UNSAFE_CHARACTER = re.compile(f"[^{SAFE_CHARACTERS}]")


def basic_key(execution: str, name: str) -> str:
    """Tell where the profile of a person is stored as it was looked up."""
    return f"{execution}/basic-{safe(name)}.json"


def final_key(execution: str, name: str) -> str:
    """Tell where the profile of a person is stored with the cookies counted."""
    return f"{execution}/final-{safe(name)}.json"


def report_key(execution: str) -> str:
    """Tell where the report of a run is stored."""
    return f"{execution}/0-cookies.json"


def failure_key(execution: str, number: int) -> str:
    """Tell where the state machine stores why a person has no result, by their number among the names of the run."""
    return f"{execution}/failed-{number}.json"


def safe(name: str) -> str:
    """Spell a name so that S3 and URLs take it as it is; no two names are spelled alike."""
    if SAFE_NAME.fullmatch(name):
        return name
    # No safe name holds a tilde. The digest tells apart what the replaced and cut characters no longer do.
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{UNSAFE_CHARACTER.sub('_', name)[:40]}~{digest}"
