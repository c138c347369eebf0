"""An environment for each function before its first invocation, as AWS may make one, too.

The first run after a start would else wait for an environment of each function in turn, half of its time.
"""

import queue
import threading
import time
from concurrent.futures import Future
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.lambda_service import LambdaService

# Whoever makes or updates functions has more to do then, and is not to be slowed down.
PAUSE_SECONDS = 1.0
LATEST = "$LATEST"


def initialize_environments() -> None:
    """Make an environment for each function that becomes active, and hand it to the first invocation."""
    ahead = Ahead(AssignmentService.start_environment)
    update_version_state = LambdaService.update_version_state
    stop_environments = AssignmentService.stop_environments_for_version

    def update_and_initialize(service: Any, function_version: Any, new_state: Any) -> None:
        update_version_state(service, function_version, new_state)
        manager = service.lambda_running_versions.get(function_version.qualified_arn)
        if manager and function_version.id.qualifier == LATEST:
            ahead.add(manager)

    def take_or_start(environments: Any, manager_id: str, function_version: Any) -> Any:
        return ahead.take(manager_id) or ahead.start(environments, manager_id, function_version)

    def stop_all(environments: Any, version_manager_id: str) -> None:
        ahead.stop(version_manager_id)
        stop_environments(environments, version_manager_id)

    LambdaService.update_version_state = update_and_initialize
    AssignmentService.start_environment = take_or_start
    AssignmentService.stop_environments_for_version = stop_all


class Ahead:
    """The environments that wait for a first invocation; made one after the other, when no function changes.

    Args:
        start: Starts an environment, as LocalStack does for an invocation.
    """

    def __init__(self, start: Any) -> None:
        self.start = start
        self._made: dict[str, Future[Any]] = {}
        self._managers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._changed_at = 0.0
        threading.Thread(target=self._make, name="initialize-environments", daemon=True).start()

    def add(self, manager: Any) -> None:
        """Make one for this version soon."""
        self._changed_at = time.monotonic()
        self._managers.put(manager)

    def take(self, manager_id: str) -> Any:
        """Hand over the environment of a version, once it is there; none if there is none, or it failed to start."""
        made = self._made.pop(manager_id, None)
        if made is None:
            return None
        was_there = made.done()
        if made.exception():
            return None
        environment = made.result()
        if was_there:
            environment.runtime_executor.forget_initialization()
        return environment

    def stop(self, manager_id: str) -> None:
        """End the environment of a version, if it was not used."""
        if unused := self.take(manager_id):
            unused.stop()

    def _make(self) -> None:
        while True:
            manager = self._managers.get()
            while (pause := self._changed_at + PAUSE_SECONDS - time.monotonic()) > 0:
                time.sleep(pause)
            if not manager.assignment_service.environments.get(manager.id):
                self._make_for(manager)

    def _make_for(self, manager: Any) -> None:
        made = self._made[manager.id] = Future()
        # A version that ends takes what is there by then, so that it is stopped.
        if manager.shutdown_event.is_set():
            self._made.pop(manager.id, None)
            return
        try:
            environment = self.start(manager.assignment_service, manager.id, manager.function_version)
            self._keep_alive(environment, manager.id)
            made.set_result(environment)
        except Exception as error:  # noqa: BLE001  # whatever it is, an invocation will meet it and be told
            made.set_exception(error)

    def _keep_alive(self, environment: Any, manager_id: str) -> None:
        """Let the environment end when it is not used for as long as LocalStack would wait for another invocation."""
        timer = threading.Timer(config.LAMBDA_KEEPALIVE_MS / 1000, self.stop, (manager_id,))
        timer.daemon = True
        timer.start()
        environment.keepalive_timer = timer
