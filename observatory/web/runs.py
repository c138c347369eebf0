"""The runs: those there are, and new ones."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.description import MachineSpec, OptionSpec, Stack, StartSpec
from observatory.clock import Clock
from observatory.errors import StartError
from observatory.records.executions import run_id, standard_machines
from observatory.records.stacks import deployed_stack
from observatory.runs.finding import find_runs, read_wanted
from observatory.runs.starting import (
    ExecutionFinder,
    check_start_rule,
    find_machine,
    find_start,
    fire,
    read_option,
    same_start,
)
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import context_of
from observatory.web.questions import read_object
from observatory.web.story_json import words_to_json_object

START_SECONDS = 30.0
# What takes longer to read is shown when the page asks again.
READING_SECONDS = 1.0


async def list_runs(request: Request) -> Response:
    """A page of those runs that the address asks for."""
    context = context_of(request)
    runs = (await context.watcher.look()).runs
    wanted = read_wanted(request.query_params, context.run_list.stack, datetime.now(UTC))
    found = await run_in_threadpool(find_runs, runs, wanted, context.run_list.outcomes, READING_SECONDS)
    return JsonResponse(found.to_json_object())


async def list_machines(request: Request) -> Response:
    """The machines that have runs, and how people speak of these."""
    stack = await run_in_threadpool(deployed_stack, context_of(request).clients)
    return JsonResponse({"machines": [words_to_json_object(machine) for machine in standard_machines(stack)]})


async def start_run(request: Request) -> Response:
    """Fire a start event with what was asked for, and wait for its execution."""
    asked = await read_object(request)
    clients = context_of(request).clients
    stack = await run_in_threadpool(deployed_stack, clients)
    machine, start = _read_start(stack, asked)
    return await _start(clients, stack, machine, start, _start_detail(machine, asked))


async def tell_start(request: Request) -> Response:
    """What started a run, for a form in which it can be edited."""
    _stack, machine, start, detail = await run_in_threadpool(_same_start, request)
    return JsonResponse({"machine": machine.name, "event": start.event, "detail": detail})


async def start_again(request: Request) -> Response:
    """Start a run with what started another one."""
    await read_object(request)
    return await _start(context_of(request).clients, *await run_in_threadpool(_same_start, request))


async def _start(
    clients: Clients, stack: Stack, machine: MachineSpec, start: StartSpec, detail: Mapping[str, object]
) -> Response:
    job = await run_in_threadpool(_fire, clients, stack.source, machine.name, start, detail)
    return JsonResponse({"job": run_id(stack, machine, job)}, 201)


def _fire(clients: Clients, source: str, machine: str, start: StartSpec, detail: Mapping[str, object]) -> str:
    check_start_rule(clients, start.rule)
    finder = ExecutionFinder(clients, Clock(), machine, start.rule)
    job = fire(clients, source, start.event, detail)
    finder.find(job, time.monotonic() + START_SECONDS)
    return job


def _read_start(stack: Stack, asked: Mapping[str, Any]) -> tuple[MachineSpec, StartSpec]:
    names = [asked.get(key) for key in ("machine", "event")]
    if wrong := [name for name in names if not isinstance(name, str | None)]:
        raise BadRequestError(f"machine or event is {wrong[0]!r:.100}: give the name of one, or nothing")
    try:
        machine = find_machine(stack, names[0])
        return machine, find_start(machine, names[1])
    except StartError as error:
        raise BadRequestError(str(error)) from error


def _start_detail(machine: MachineSpec, asked: Mapping[str, Any]) -> dict[str, object]:
    """The detail of the start event: what was asked for, as a whole and by the machine's own options."""
    options = {option.name: option for option in machine.options}
    if unknown := asked.keys() - {"machine", "event", "detail"} - options.keys():
        known = ", ".join(["machine", "event", "detail", *options])
        raise BadRequestError(f"{min(unknown)!r:.100} is no part of a start: give some of {known}, or nothing")
    detail = {} if asked.get("detail") is None else asked["detail"]
    if not isinstance(detail, dict):
        raise BadRequestError(f"detail is {detail!r:.100}: give a JSON object")
    given = {name: value for name in options if (value := asked.get(name)) is not None}
    return {**detail, **{name: _read_option(options[name], value) for name, value in given.items()}}


def _read_option(option: OptionSpec, value: object) -> object:
    if option.maximum is None:
        if type(value) not in {int, str}:
            raise BadRequestError(f"{option.name} is {value!r:.100}: give a whole number or a text, or leave it out")
        # A number that may be a text as well stays one.
        return value
    try:
        return read_option(option, str(value))
    except ValueError as error:
        raise BadRequestError(f"{option.name}: {error}") from error


def _same_start(request: Request) -> tuple[Stack, MachineSpec, StartSpec, dict[str, object]]:
    clients = context_of(request).clients
    stack = deployed_stack(clients)
    return stack, *same_start(clients, stack, request.path_params["job"])


ROUTES: list[BaseRoute] = [
    Route("/api/runs", list_runs),
    Route("/api/runs", start_run, methods=["POST"]),
    Route("/api/machines", list_machines),
    Route("/api/runs/{job}/start", tell_start),
    Route("/api/runs/{job}/again", start_again, methods=["POST"]),
]
