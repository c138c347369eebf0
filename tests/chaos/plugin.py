"""Brings a seed's faults about in LocalStack, which loads this by an entry point that only the chaos tool gives it."""

import json
import logging
import os
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import wraps
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.runtime import hooks
from localstack.services.edge import ROUTER
from localstack.services.events.provider import EventsProvider
from localstack.services.events.target import TargetSender
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
from localstack.services.s3.provider import S3Provider
from rolo import Response

from bootstrap.stack import STACK
from emulator.environments.runtime import Runtime
from tests.chaos.plan import DEATHS, Fault, Plan, Thing

LOG = logging.getLogger(__name__)

RECORD_PATH = "/_chaos/<job>"
BUS = "the bus"
# StoreFailure tries five times; what never works there cannot be told in the bucket.
MOST_FAILURES_OF_LAST_WORDS = 3
MACHINE = STACK.machines[0]
STARTS = {start.event for start in MACHINE.starts}
LAST_WORDS = "0-failed.json"
REPORTS = {MACHINE.report, LAST_WORDS}

PUT_ERRORS = {
    Fault.FAILED_ENTRY: ("InternalFailure", 200),
    Fault.PUT_THROTTLED: ("ThrottlingException", 400),
    Fault.PUT_FAILED: ("InternalFailure", 500),
}
STORAGE_ERRORS = {Fault.BUSY: ("SlowDown", 503), Fault.STORAGE_FAILED: ("InternalError", 500)}
SAID = "chaos"


# After all that the product changes there, so that it stands in front of that too.
@hooks.on_infra_start(priority=-100)  # type: ignore[untyped-decorator]  # LocalStack is untyped
def install() -> None:
    """Stand in front of the bus, the targets, the functions and the bucket."""
    chaos = Chaos()
    TargetSender.process_event = chaos.deliver(TargetSender.process_event)
    EventsProvider._process_entry = chaos.put(EventsProvider._process_entry)
    LambdaVersionManager.invoke = chaos.invoke(LambdaVersionManager.invoke)
    Runtime.run = chaos.run(Runtime.run)  # type: ignore[method-assign]  # it is what the tool is for
    S3Provider.put_object = chaos.store("PutObject", S3Provider.put_object)
    S3Provider.get_object = chaos.store("GetObject", S3Provider.get_object)
    ROUTER.add(RECORD_PATH, chaos.record)


class Chaos:
    """The runs that go on, what has happened to each, and the environments that are about to be killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: dict[str, Plan] = {}
        self._times: Counter[tuple[str, ...]] = Counter()
        self._happened: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        self._doomed: dict[str, tuple[Fault, int]] = {}

    def deliver(self, process_event: Callable[..., None]) -> Callable[..., None]:
        """Drop an event, or deliver it once or twice, now or later."""

        @wraps(process_event)
        def chaotic(sender: Any, event: Any, trace_header: Any) -> None:
            known = self._known(event) if sender.rule_name != STACK.ledger_rule else None
            if known is None:
                return process_event(sender, event, trace_header)
            plan, job, detail = known
            thing = self._thing(job, sender.rule_name, event["detail-type"], detail)
            faults, delays = plan.delivery(thing)
            # Without its start event there is no run, and nothing to say about it.
            if event["detail-type"] in STARTS:
                faults = [fault for fault in faults if fault is not Fault.DROPPED]
                delays = delays or [0.0]
            self._note(job, faults, thing)
            for seconds in delays:
                if seconds:
                    timer = threading.Timer(seconds, deliver_late, [process_event, sender, dict(event), trace_header])
                    timer.daemon = True
                    timer.start()
                else:
                    process_event(sender, dict(event), trace_header)
            return None

        return chaotic

    def put(self, process_entry: Callable[..., None]) -> Callable[..., None]:
        """Refuse an event, or the whole request, or kill the environment that puts it."""

        @wraps(process_entry)
        def chaotic(provider: Any, entry: Any, results: Any, failed: Any, context: Any) -> None:
            known = self._known({"detail-type": entry.get("DetailType"), "detail": read_json(entry.get("Detail"))})
            if known is None or entry["DetailType"] in STARTS:
                return process_entry(provider, entry, results, failed, context)
            plan, job, detail = known
            self._plans[str(detail.get("execution"))] = plan
            thing = self._thing(job, BUS, entry["DetailType"], detail)
            if fault := plan.put(thing):
                self._note(job, [fault], thing)
                code, status = PUT_ERRORS[fault]
                if fault is not Fault.FAILED_ENTRY:
                    raise CommonServiceException(code, SAID, status_code=status)
                results.append({"ErrorCode": code, "ErrorMessage": SAID})
                failed["count"] += 1
                return None
            request_id = str((detail.get("meta") or {}).get("requestId"))
            self._kill(request_id, Fault.KILLED_BEFORE_PUT)
            process_entry(provider, entry, results, failed, context)
            return self._kill(request_id, Fault.KILLED_AFTER_PUT)

        return chaotic

    def invoke(self, invoke: Callable[..., Any]) -> Callable[..., Any]:
        """Throttle an invocation."""

        @wraps(invoke)
        def chaotic(manager: Any, *, invocation: Any) -> Any:
            event = read_json(invocation.payload)
            if known := self._known(event):
                plan, job, detail = known
                place = manager.function_version.id.function_name
                thing = self._thing(job, place, event["detail-type"], detail)
                if plan.throttled(thing):
                    self._note(job, [Fault.THROTTLED], thing)
                    raise TooManyRequestsException(SAID)
            return invoke(manager, invocation=invocation)

        return chaotic

    def run(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Kill an environment while it handles an event."""

        @wraps(run)
        def chaotic(runtime: Any, invocation: Any, timeout_seconds: float) -> Any:
            event = read_json(invocation.payload)
            known = self._known(event)
            if known is None:
                return run(runtime, invocation, timeout_seconds)
            plan, job, detail = known
            place = f"the environment of {invocation.function_arn.split(':')[6]}"
            thing = self._thing(job, place, event["detail-type"], detail)
            fault, seconds = plan.death(thing)
            self._note(job, [fault] if fault else [], thing)
            process = runtime._process.pid
            timer = threading.Timer(seconds, kill, [process])
            if fault is Fault.KILLED_IDLE:
                kill(process)
            elif fault is Fault.KILLED:
                timer.start()
            elif fault in DEATHS:
                self._doomed[invocation.request_id] = fault, process
            try:
                return run(runtime, invocation, timeout_seconds)
            finally:
                timer.cancel()
                self._doomed.pop(invocation.request_id, None)

        return chaotic

    def store(self, operation: str, handle: Callable[..., Any]) -> Callable[..., Any]:
        """Let S3 be slow, busy or broken."""

        @wraps(handle)
        def chaotic(provider: Any, context: Any, request: Any) -> Any:
            execution, _, name = request["Key"].rpartition("/")
            kind, _, item = name.removesuffix(".json").partition("-")
            if name in REPORTS:
                kind, item = name.removesuffix(".json"), ""
            plan = self._plans.get(execution)
            if plan is None or (name in REPORTS and operation == "GetObject"):
                return handle(provider, context, request)
            job = execution.rpartition(":")[2]
            thing = self._thing(job, operation, kind, {STACK.item_key: item})
            fault, seconds = plan.storage(thing)
            if name == LAST_WORDS and thing.time >= MOST_FAILURES_OF_LAST_WORDS:
                fault = None
            self._note(job, [fault] if fault else [], thing)
            if fault is Fault.SLOW:
                time.sleep(seconds)
            elif fault:
                code, status = STORAGE_ERRORS[fault]
                raise CommonServiceException(code, SAID, status_code=status)
            return handle(provider, context, request)

        return chaotic

    def record(self, _request: Any, job: str) -> Any:
        """Answer what has happened to a run, and which threads there are."""
        threads = sorted(thread.name for thread in threading.enumerate())
        with self._lock:
            return Response.for_json({"happened": self._happened[job], "threads": threads})

    def _known(self, event: Mapping[str, Any]) -> tuple[Plan, str, Mapping[str, Any]] | None:
        """The plan, the job and the detail of an event of a run with a seed; Lambda's own have it one level down."""
        detail = event.get("detail") or {}
        detail = (detail.get("requestPayload") or {}).get("detail") or detail
        is_start = event.get("detail-type") in STARTS
        start = detail if is_start else detail.get("start")
        seed = start.get("chaos") if isinstance(start, dict) else None
        if not isinstance(seed, int):
            return None
        return Plan(seed), str(event["id"]) if is_start and "id" in event else str(detail.get("job")), detail

    def _thing(self, job: str, place: str, what: str, detail: Mapping[str, Any]) -> Thing:
        item, state = str(detail.get(STACK.item_key, "")), str(detail.get("stateName", ""))
        with self._lock:
            time_seen = self._times[job, place, what, item, state]
            self._times[job, place, what, item, state] += 1
        return Thing(place, what, item, state, time_seen)

    def _note(self, job: str, faults: list[Fault], thing: Thing) -> None:
        with self._lock:
            self._happened[job] += [{"fault": fault, "thing": asdict(thing)} for fault in faults]

    def _kill(self, request_id: str, fault: Fault) -> None:
        doomed, process = self._doomed.get(request_id, (None, 0))
        if doomed is fault:
            kill(process)


def deliver_late(process_event: Callable[..., None], *delivery: object) -> None:
    """Deliver an event; what a target raises is for the log, as in LocalStack."""
    try:
        process_event(*delivery)
    except Exception:  # whatever a target raises
        LOG.info("a late delivery failed", exc_info=True)


def kill(process: int) -> None:
    """End a process as nothing else does."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def read_json(text: Any) -> Any:
    """Read an object; whatever else it is becomes an empty one."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        value = None
    return value if isinstance(value, dict) else {}
