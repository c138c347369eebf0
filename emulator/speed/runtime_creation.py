"""What is done before LocalStack imports most of itself; this module is imported first, and imports little."""

import gc
import importlib
import os
import sys
from types import ModuleType
from typing import Any

from localstack import config
from localstack.constants import VERSION
from localstack.runtime import hooks

WRITTEN_FOR = "4.14.0"
PATCHES_VARIABLE = "SANDBOX_PATCHES"

OPENAPI_VALIDATION = "localstack.aws.handlers.validation"
COMMON_RUNTIME = "awscrt"


def is_patched() -> bool:
    """Whether slow paths are to be mended."""
    return os.environ.get(PATCHES_VARIABLE) != "0"


@hooks.on_runtime_create(should_load=lambda: is_patched())  # type: ignore[untyped-decorator]
def collect_no_garbage() -> None:
    """Look for no garbage until the services are loaded: two thousand modules make a million objects, and all stay."""
    gc.disable()


@hooks.on_runtime_create(should_load=lambda: is_patched() and VERSION == WRITTEN_FOR)  # type: ignore[untyped-decorator]
def leave_out_openapi() -> None:
    """Import no OpenAPI (4 % of the CPU time until LocalStack answers): it checks requests only when it is told to."""
    if not (config.OPENAPI_VALIDATE_REQUEST or config.OPENAPI_VALIDATE_RESPONSE):
        validation = sys.modules[OPENAPI_VALIDATION] = ModuleType(OPENAPI_VALIDATION)
        vars(validation).update(OpenAPIRequestValidator=_NoValidator, OpenAPIResponseValidator=_NoValidator)


class _NoValidator:
    """Lets all pass."""

    def __call__(self, *_arguments: object) -> None:
        """Do nothing."""


@hooks.on_runtime_create(should_load=lambda: is_patched())  # type: ignore[untyped-decorator]
def import_common_runtime_late() -> None:
    """Import AWS's common runtime for the checksums that need it: botocore would at once, and sign no faster by it."""
    modules: dict[str, Any] = sys.modules
    if "botocore" in modules:
        return
    modules[COMMON_RUNTIME] = None
    checksums: Any = importlib.import_module("botocore.httpchecksum")
    checksums.crt_checksums = _LateChecksums()
    del modules[COMMON_RUNTIME]


class _LateChecksums:
    """CRC32C, CRC64NVME and the others, once somebody asks for one."""

    def __getattr__(self, name: str) -> Any:
        """Import them all."""
        return getattr(importlib.import_module(f"{COMMON_RUNTIME}.checksums"), name)
