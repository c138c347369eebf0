"""LocalStack 4.14.0's slow paths, mended; each function of PATCHES says why. `SANDBOX_PATCHES=0` leaves all out.

What they save, by profiles of LocalStack's CPU time: parsers of JSONPath more than half of a run; of what is left,
calls without requests 42 %; of what is left then, copies as JSON and early looks at events 15 %, lines about requests
5 %. Of a start: listing botocore's folders and compiling URL builders 7 % each.
"""

import copy
import functools
import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import jsonpath_rw
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.useragent import UserAgentString
from localstack.aws.connect import InternalClientFactory
from localstack.aws.handlers.logging import ResponseLogger
from localstack.services.events import provider as events
from localstack.services.events.target import LogsTargetSender
from localstack.services.events.utils import to_json_str
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.common.string import string_expression
from localstack.services.stepfunctions.asl.component.state.state_execution import execute_state
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map import state_map
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import job
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
    state_task_service,
    state_task_service_aws_sdk,
    state_task_service_events,
)
from localstack.services.stepfunctions.asl.eval import environment, states
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import json_path
from localstack.services.stepfunctions.backend.execution import Execution
from localstack.utils.time import now_utc
from moto.core import responses as moto_responses
from tenacity import retry, stop_after_attempt, wait_random_exponential
from werkzeug.routing import Rule

from emulator.direct_calls import call_services_directly, write_logs_directly
from emulator.request_handling import (
    find_headers_quickly,
    look_for_services_first,
    merge_headers_quickly,
    remember_dates,
    remember_mime_types,
    skip_missing_parameters,
)
from emulator.threads import process_rules_in_a_pool, run_items_in_their_thread, share_timers

LOG = logging.getLogger(__name__)

REMEMBERED_PATHS = 4096
REMEMBERED_DEFINITIONS = 64
REMEMBERED_PATTERNS = 1024
JSON_SCALARS = frozenset({str, int, float, bool, type(None)})
# What one PutLogEvents takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
BATCH_EVENTS = 1000
BATCH_SECONDS = 0.1
WRITE_ATTEMPTS = 8


def remember_parsed_paths() -> None:
    """Parse a JSONPath once: each evaluation would build the parser's tables anew."""
    for module in (json_path, result_path, jsonpath_rw):
        module.parse = functools.lru_cache(REMEMBERED_PATHS)(module.parse)


def remember_parsed_machines() -> None:
    """Parse a state machine once: each execution would. What it is parsed to keeps no state of an execution."""
    parse = AmazonStateLanguageParser.parse
    AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(REMEMBERED_DEFINITIONS)(parse))


def keep_task_clients() -> None:
    """Let task states share a client for a service and role: each would assume the role and make one."""
    for module in (state_task_service_aws_sdk, state_task_service_events):
        module.boto_client_for = _by_role(module.boto_client_for)


def _by_role(make_client: Callable[..., Any]) -> Callable[..., Any]:
    clients: dict[tuple[str, str, str], Any] = {}

    def client_for(service: str, region: str, state_credentials: Any) -> Any:
        key = (service, region, state_credentials.role_arn)
        if key not in clients:
            clients[key] = make_client(service=service, region=region, state_credentials=state_credentials)
        return clients[key]

    return client_for


def keep_user_agents() -> None:
    """Build a client's User-Agent once: each call would, from thirty parts."""
    to_string = UserAgentString.to_string

    def remembered(self: UserAgentString) -> str:
        # A copy for another client takes this along, but has another configuration.
        config, user_agent = getattr(self, "remembered", (None, None))
        if user_agent is None or config is not self._client_config:
            user_agent = to_string(self)
            self.remembered = (self._client_config, user_agent)
        return user_agent

    UserAgentString.to_string = remembered


def remember_method_names() -> None:
    """Ask a moto service for its methods once: each call would inspect all members of its class."""
    names = moto_responses.method_names_from_class
    moto_responses.method_names_from_class = functools.cache(names)


def sign_internal_calls_by_name_only() -> None:
    """Name the key that signs a call from one service to the next, and leave out the signature: nobody checks it."""
    get_client = InternalClientFactory._get_client_post_hook

    def with_plain_signer(self: InternalClientFactory, client: Any) -> Any:
        client._request_signer.sign = functools.partial(_name_signer, client)
        return get_client(self, client)

    InternalClientFactory._get_client_post_hook = with_plain_signer


def _name_signer(client: Any, _operation: str, request: Any, *_arguments: object, **_options: object) -> None:
    signer = client._request_signer
    credentials = signer._credentials.get_frozen_credentials()
    now = datetime.now(UTC)
    request.headers["X-Amz-Date"] = now.strftime("%Y%m%dT%H%M%SZ")
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    scope = f"{credentials.access_key}/{now:%Y%m%d}/{signer._region_name}/{signer._signing_name}/aws4_request"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"


def announce_standard_executions_only() -> None:
    """Put no status events of express executions on the bus: AWS does not.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    publish = Execution.publish_execution_status_change_event

    def publish_standard(self: Execution) -> None:
        if self.sm_type == "STANDARD":
            publish(self)

    Execution.publish_execution_status_change_event = publish_standard


class _LogStream:
    """Collects a rule's events and writes them together to one stream of its log group."""

    def __init__(self, client: Any, group: str) -> None:
        self._client = client
        self._where = {"logGroupName": group, "logStreamName": str(uuid.uuid4())}
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        client.create_log_stream(**self._where)
        threading.Thread(target=self._write, name=f"events-to-{group}", daemon=True).start()

    def add(self, message: str) -> None:
        self._events.put({"timestamp": now_utc(millis=True), "message": message})

    def _write(self) -> None:
        while True:
            batch = [self._events.get()]
            time.sleep(BATCH_SECONDS)
            while len(batch) < BATCH_EVENTS and not self._events.empty():
                batch.append(self._events.get())
            try:
                self._put(batch)
            except (ClientError, BotoCoreError):
                LOG.exception("%d events were not written to %s", len(batch), self._where["logGroupName"])

    # As EventBridge does, though that goes on for a day.
    @retry(stop=stop_after_attempt(WRITE_ATTEMPTS), wait=wait_random_exponential(multiplier=0.1), reraise=True)
    def _put(self, batch: list[dict[str, Any]]) -> None:
        # Each event has the time at which it was handed over, and two threads may have done that in the other order.
        in_order = sorted(batch, key=lambda event: event["timestamp"])
        self._client.put_log_events(**self._where, logEvents=in_order)


def write_events_to_logs_in_batches() -> None:
    """Write a rule's events to its log group ten times a second: each would make a stream of its own first."""
    making = threading.Lock()

    def send_event(self: LogsTargetSender, event: Any, trace_header: Any) -> None:
        with making:
            if not hasattr(self, "stream"):
                self.stream = _LogStream(self.client, self.target["Arn"].split(":")[6])
        self.stream.add(to_json_str(event))

    LogsTargetSender.send_event = send_event


def copy_json_quickly() -> None:
    """Copy what states hand on as the JSON that it is: copy.deepcopy asks each value how it wants to be copied."""
    quick_copy = SimpleNamespace(deepcopy=_copy_json)
    for module in (environment, execute_state, job, state_map, state_task_service, states, string_expression):
        module.copy = quick_copy


def _copy_json(value: Any) -> Any:
    kind = type(value)
    # Scalars are left where they are without a call of their own: that takes a quarter of the time for a list of names.
    if kind is dict:
        return {key: item if type(item) in JSON_SCALARS else _copy_json(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in JSON_SCALARS else _copy_json(item) for item in value]
    return value if kind in JSON_SCALARS else copy.deepcopy(value)


def match_plain_patterns_quickly() -> None:
    """Compare source and detail type at once, for each rule would compile its pattern anew and flatten the event.

    It would also write each event that it refuses into a line that nobody logs: 12 % of a run with both.
    """
    matches, process = events.matches_event, events.EventsProvider._process_rules

    def matches_quickly(event_pattern: str | None, event: dict[str, Any]) -> bool:
        plain = _plain_pattern(event_pattern)
        if any(event.get(field) not in values for field, values in plain.conditions.items()):
            return False
        return plain.is_whole or bool(matches(event_pattern, event))

    def process_if_it_matches(self: events.EventsProvider, rule: Any, *arguments: Any) -> None:
        _region, _account, event, _trace_header = arguments
        if matches_quickly(rule.event_pattern, event):
            process(self, rule, *arguments)

    events.matches_event = matches_quickly
    events.EventsProvider._process_rules = process_if_it_matches


@dataclass(frozen=True)
class _PlainPattern:
    """Which values an event's source and detail type must have one of, as far as they are plain strings."""

    conditions: dict[str, list[str]]
    is_whole: bool


@functools.lru_cache(REMEMBERED_PATTERNS)
def _plain_pattern(event_pattern: str | None) -> _PlainPattern:
    pattern = json.loads(event_pattern or "{}")
    fields = {field: pattern[field] for field in ("source", "detail-type") if field in pattern}
    conditions = {field: values for field, values in fields.items() if all(isinstance(value, str) for value in values)}
    return _PlainPattern(conditions, is_whole=bool(conditions) and conditions.keys() == pattern.keys())


def remember_task_operations() -> None:
    """Find the operation that a task state names once: each would spell out all names of its service."""
    find = state_task_service.StateTaskService._get_boto_operation_model
    state_task_service.StateTaskService._get_boto_operation_model = staticmethod(functools.cache(find))


def log_no_requests() -> None:
    """Prepare no line about a request when its level is not logged."""
    log = ResponseLogger._log

    def log_if_asked(self: ResponseLogger, context: Any, response: Any) -> None:
        # Its own loggers always let a line pass, for the handler to drop it.
        if logging.root.isEnabledFor(logging.INFO):
            log(self, context, response)

    ResponseLogger._log = log_if_asked


def list_services_once() -> None:
    """Look through botocore's folders once: each service would again, for each model that it loads."""
    list_services = Loader.list_available_services
    listed: dict[tuple[str, ...], list[str]] = {}

    def list_once(self: Loader, type_name: str) -> list[str]:
        key = (type_name, *self.search_paths)
        if key not in listed:
            listed[key] = list_services(self, type_name)
        return listed[key]

    Loader.list_available_services = list_once


def compile_url_builders_late() -> None:
    """Compile what builds a URL from a route when it is wanted: LocalStack only matches its six hundred."""
    compile_builder = Rule._compile_builder

    def compile_late(_rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        return lambda rule, **values: compile_builder(rule, append_unknown)(rule, **values)

    Rule._compile_builder = compile_late


PATCHES = (
    remember_parsed_paths,
    remember_parsed_machines,
    keep_task_clients,
    keep_user_agents,
    remember_method_names,
    sign_internal_calls_by_name_only,
    announce_standard_executions_only,
    write_events_to_logs_in_batches,
    list_services_once,
    compile_url_builders_late,
    copy_json_quickly,
    match_plain_patterns_quickly,
    remember_task_operations,
    log_no_requests,
    find_headers_quickly,
    merge_headers_quickly,
    look_for_services_first,
    skip_missing_parameters,
    remember_dates,
    remember_mime_types,
    process_rules_in_a_pool,
    share_timers,
    run_items_in_their_thread,
    write_logs_directly,
    call_services_directly,
)


def apply() -> None:
    """Apply every patch."""
    for patch in PATCHES:
        patch()
