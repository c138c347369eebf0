"""What environments share: the modules that nearly every function imports, with a faster way to S3's endpoints."""

import gc
import importlib
from collections.abc import Callable
from typing import Any

# awslambdaric itself reads its settings while it is imported, so it comes later.
PRELOADED_MODULES = (
    "boto3",
    "boto3.s3.inject",
    "botocore.client",
    "botocore.endpoint",
    "botocore.handlers",
    "botocore.httpsession",
    "botocore.regions",
    "botocore.retries.standard",
    "botocore.session",
    "botocore.signers",
    "concurrent.futures.thread",
    "json",
    "logging",
    "simplejson",
    "snapshot_restore_py",
    "urllib.request",
)
# What S3's operations say of themselves and no rule of an endpoint reads; a test holds this against botocore's rules.
UNREAD_PARAMETERS = frozenset({"Key", "Prefix", "CopySource"})


def preload() -> None:
    """Import it all; to be done before the first fork."""
    gc.disable()
    for module in PRELOADED_MODULES:
        importlib.import_module(module)
    provider: Any = importlib.import_module("botocore.endpoint_provider").EndpointProvider
    provider.resolve_endpoint = without_unread_parameters(provider.resolve_endpoint)
    # Environments share what is loaded here, as long as they do not look for garbage in it, which writes to it.
    gc.freeze()
    gc.enable()


def without_unread_parameters[**P, R](resolve: Callable[P, R]) -> Callable[P, R]:
    """Let botocore remember an endpoint for a bucket, not for each key in it: that took a fifth of a call to S3.

    Args:
        resolve: botocore's method, which remembers by all parameters.
    """

    def resolve_endpoint(*provider: P.args, **parameters: P.kwargs) -> R:
        for name in UNREAD_PARAMETERS:
            parameters.pop(name, None)
        return resolve(*provider, **parameters)

    return resolve_endpoint
