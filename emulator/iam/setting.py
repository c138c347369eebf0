"""The setting that says whether policies count."""

import os

SETTING = "SANDBOX_IAM"
OFF = "off"


def is_enforced() -> bool:
    """Whether LocalStack is to hold calls against the policies."""
    return os.environ.get(SETTING) != OFF
