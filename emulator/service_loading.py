"""LocalStack's services: loaded before anyone asks for them, and without what nobody needs."""

import importlib
import importlib.util
import os
import sys
import threading

from localstack.services.plugins import SERVICE_PLUGINS

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
    for service in os.environ.get("SERVICES", "").split(","):
        if SERVICE_PLUGINS.exists(service):
            SERVICE_PLUGINS.require(service)
