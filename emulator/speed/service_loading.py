"""LocalStack's services: loaded before anyone asks for them, and without what nobody needs."""

import gc
import importlib
import importlib.util
import os
import sys
import threading
from typing import Any

from localstack.aws.handlers.service_plugin import ServiceLoader
from localstack.services.plugins import SERVICE_PLUGINS

from emulator import cores

# Step Functions imports one enumeration of it; the package itself would bring in all of EC2, a second of CPU time.
UNUSED_PACKAGE, USED_MODULE = "moto.batch", "moto.batch.utils"


def leave_out_ec2() -> None:
    """Import the module that is used without its package, and leave the package to whoever wants it later."""
    spec = importlib.util.find_spec(UNUSED_PACKAGE)
    if spec and UNUSED_PACKAGE not in sys.modules:
        sys.modules[UNUSED_PACKAGE] = importlib.util.module_from_spec(spec)
        importlib.import_module(USED_MODULE)
        del sys.modules[UNUSED_PACKAGE]


def load_services() -> None:
    """Load the services in the background: each would be loaded by the first request to it."""
    threading.Thread(target=_load, name="load-services", daemon=True).start()


def _load() -> None:
    try:
        for service in os.environ.get("SERVICES", "").split(","):
            if SERVICE_PLUGINS.exists(service):
                SERVICE_PLUGINS.require(service)
    finally:
        # What is loaded by now stays: garbage is looked for among what comes later.
        gc.freeze()
        gc.enable()
        # Not before: while LocalStack starts, whoever waits for it wants the core as well.
        cores.stay_on_one()


def register_before_use() -> None:
    """Let requests to a service wait until it is there.

    LocalStack 4.14.0 counts a service as loaded before its operations are registered: a request that comes in that
    moment is answered with status 501, no handler for the operation.
    """
    require_service = ServiceLoader.require_service

    def require_registered(self: ServiceLoader, chain: Any, context: Any, response: Any) -> None:
        name = context.service.service_name if context.service else None
        registered = self.__dict__.setdefault("registered_services", set())
        if name is None or name in registered:
            return
        with self.service_locks[name]:
            require_service(self, chain, context, response)
        registered.add(name)

    ServiceLoader.require_service = require_registered
