"""LocalStack 4.14.0's slow paths, mended; each is one function of PATCHES that says why and what it gains.

The gains are those of a run with 50 people, 10 at a time. `SANDBOX_PATCHES=0` leaves all of them out.
"""

import functools

import jsonpath_rw
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.utils import json_path

WRITTEN_FOR = "4.14.0"

PARSED_PATHS = 4096



def remember_parsed_paths() -> None:
    """A JSONPath is parsed once: each evaluation builds the parser's tables anew. 60 % of a run's time."""
    json_path.parse = functools.lru_cache(PARSED_PATHS)(json_path.parse)
    result_path.parse = functools.lru_cache(PARSED_PATHS)(result_path.parse)
    jsonpath_rw.parse = functools.lru_cache(PARSED_PATHS)(jsonpath_rw.parse)


PATCHES = (remember_parsed_paths,)


def apply() -> None:
    """Apply every patch."""
    for patch in PATCHES:
        patch()
