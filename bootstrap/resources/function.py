"""A Lambda function and the zip file that it runs."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from bootstrap import tags
from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.errors import RefusedError
from bootstrap.packages import Package, build_package
from bootstrap.resources.resource import Fields

RUNTIME = "python3.13"
READY_TIMEOUT_SECONDS = 120
FIRST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 1

ACTIVE = "Active"
CHANGING = ("Pending", "InProgress")
# To send the code again is also what mends a function that failed or that AWS has put to sleep.
FIELDS_SET_BY_CODE = {"code", "state"}


@dataclass(frozen=True)
class Function:
    """A module, in Lambda.

    Args:
        spec: What its stack says of it.
        stack: The name of its stack.
        role: The ARN of the role that it acts in.
        variables: Its environment.
        packed: The files of those packages of which a part is enough.
    """

    kind: ClassVar[str] = "function"
    spec: FunctionSpec
    stack: str
    role: str
    variables: Mapping[str, str]
    packed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What AWS calls it."""
        return self.spec.name

    def desired(self) -> Fields:
        """How it should be."""
        return {**self._configuration, "code": self._package.sha256, "state": ACTIVE}

    def read(self, clients: Clients) -> Fields | None:
        """How it is, once a change in progress has ended: an `up` that was killed may have left one."""
        try:
            found = self._describe_settled(clients)
        except clients.lambda_.exceptions.ResourceNotFoundException:
            return None
        configuration = {key: found.get(key) for key in self._configuration}
        return {**configuration, "code": found["CodeSha256"], "state": _state(found)}

    def create(self, clients: Clients) -> None:
        """Make it and wait until it can be invoked."""
        clients.lambda_.create_function(
            FunctionName=self.name,
            Code={"ZipFile": self._package.content},
            Tags=tags.as_mapping(self.stack),
            **self._configuration,
        )
        self._wait_until_active(clients)

    def update(self, clients: Clients, fields: Set[str]) -> None:
        """Set its code, its configuration or both, one after the other, as AWS wants it."""
        if fields & FIELDS_SET_BY_CODE:
            clients.lambda_.update_function_code(FunctionName=self.name, ZipFile=self._package.content)
            self._wait_until_active(clients)
        if fields - FIELDS_SET_BY_CODE:
            clients.lambda_.update_function_configuration(FunctionName=self.name, **self._configuration)
            self._wait_until_active(clients)

    def delete(self, clients: Clients) -> None:
        """Remove it with its permissions."""
        clients.lambda_.delete_function(FunctionName=self.name)

    def owner(self, clients: Clients) -> str | None:
        """The stack that it was made for."""
        return tags.owner(clients.lambda_.list_tags(Resource=clients.arns.function(self.name))["Tags"])

    def claim(self, clients: Clients) -> None:
        """Tag it with its stack."""
        clients.lambda_.tag_resource(Resource=clients.arns.function(self.name), Tags=tags.as_mapping(self.stack))

    @cached_property
    def _package(self) -> Package:
        return build_package(self.spec.module, self.spec.packages, self.packed)

    @property
    def _configuration(self) -> dict[str, Any]:
        return {
            "Runtime": RUNTIME,
            "Handler": f"{self.spec.module}.lambda_handler",
            "Role": self.role,
            "Timeout": self.spec.timeout_seconds,
            "MemorySize": self.spec.memory_megabytes,
            "Environment": {"Variables": {**self.variables}},
        }

    def _wait_until_active(self, clients: Clients) -> None:
        if (state := _state(self._describe_settled(clients))) != ACTIVE:
            raise RefusedError(f"function {self.name} cannot be invoked: {state}")

    def _describe_settled(self, clients: Clients) -> Mapping[str, Any]:
        waiting = Retrying(
            retry=retry_if_result(lambda found: _state(found).startswith(CHANGING)),
            stop=stop_after_delay(READY_TIMEOUT_SECONDS),
            wait=wait_exponential(FIRST_POLL_SECONDS, max=LONGEST_POLL_SECONDS),
        )
        try:
            return waiting(lambda: clients.lambda_.get_function_configuration(FunctionName=self.name))
        except RetryError as error:
            raise RefusedError(
                f"function {self.name} is not active after {READY_TIMEOUT_SECONDS} s: see the emulator's log"
            ) from error


def _state(found: Mapping[str, Any]) -> str:
    """Whether a function can be invoked, else why not."""
    if (last_update := found.get("LastUpdateStatus", "Successful")) != "Successful":
        return f"{last_update}: {found.get('LastUpdateStatusReason')}"
    if (state := found.get("State", ACTIVE)) != ACTIVE:
        return f"{state}: {found.get('StateReason')}"
    return ACTIVE
