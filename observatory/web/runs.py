"""The runs: those there are, and new ones."""

import time
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bootstrap.clients import Clients
from bootstrap.description import MachineSpec, OptionSpec, Stack, StartSpec
from bootstrap.errors import refusals
from observatory.clock import Clock
from observatory.errors import StartError
from observatory.records.executions import find_execution, standard_machines
from observatory.records.stacks import deployed_stack
from observatory.runs.runs import Run
from observatory.runs.starting import (
    ExecutionFinder,
    check_start_rule,
    find_machine,
    find_start,
    fire,
    read_option,
)
from observatory.web.answers import BadRequestError, JsonResponse
from observatory.web.context import Context, context_of
from observatory.web.questions import read_object
from observatory.web.story_json import words_to_json_object

START_SECONDS = 30.0


async def list_runs(request: Request) -> Response:
    """All runs, newest first."""
    look = await context_of(request).watcher.look()
    return JsonResponse(_to_json_object(look.runs))


async def list_machines(request: Request) -> Response:
    """The machines that have runs, and how people speak of these."""
    stack = await run_in_threadpool(deployed_stack, context_of(request).clients)
    return JsonResponse({"machines": [words_to_json_object(machine) for machine in standard_machines(stack)]})


async def list_older_runs(request: Request) -> Response:
    """Runs of one machine, newest first, page by page; `next` is what asks for those before them."""
    context = context_of(request)
    answer = await run_in_threadpool(_page, context, request.path_params["machine"], request.query_params.get("from"))
    return JsonResponse(answer)


def _page(context: Context, name: str, token: str | None) -> dict[str, Any]:
    machine = find_machine(deployed_stack(context.clients), name)
    runs, following = context.run_list.page(machine, token)
    return {**_to_json_object(runs), "next": following}


async def start_run(request: Request) -> Response:
    """Fire a start event with what was asked for, and wait for its execution."""
    asked = await read_object(request)
    clients = context_of(request).clients
    stack = await run_in_threadpool(deployed_stack, clients)
    machine, start = _read_start(stack, asked)
    return await _start(clients, stack, machine, start, _start_detail(machine, asked))


async def tell_start(request: Request) -> Response:
    """What started a run, for a form in which it can be edited."""
    asked = await run_in_threadpool(_same_start, context_of(request).clients, request.path_params["job"])
    _stack, machine, start, detail = asked
    return JsonResponse({"machine": machine.name, "event": start.event, "detail": detail})


async def start_again(request: Request) -> Response:
    """Start a run with what started another one."""
    await read_object(request)
    clients = context_of(request).clients
    asked = await run_in_threadpool(_same_start, clients, request.path_params["job"])
    return await _start(clients, *asked)


async def _start(
    clients: Clients, stack: Stack, machine: MachineSpec, start: StartSpec, detail: Mapping[str, object]
) -> Response:
    job = await run_in_threadpool(_fire, clients, stack.source, machine.name, start, detail)
    return JsonResponse({"job": job}, 201)


def _fire(clients: Clients, source: str, machine: str, start: StartSpec, detail: Mapping[str, object]) -> str:
    check_start_rule(clients, start.rule)
    finder = ExecutionFinder(clients, Clock(), machine, start.rule)
    job = fire(clients, source, start.event, detail)
    finder.find(job, time.monotonic() + START_SECONDS)
    return job


def _read_start(stack: Stack, asked: Mapping[str, Any]) -> tuple[MachineSpec, StartSpec]:
    try:
        machine = find_machine(stack, asked.get("machine"))
        return machine, find_start(machine, asked.get("event"))
    except StartError as error:
        raise BadRequestError(str(error)) from error


def _start_detail(machine: MachineSpec, asked: Mapping[str, Any]) -> dict[str, object]:
    """The detail of the start event: what was asked for, as a whole and by the machine's own options."""
    options = {option.name: option for option in machine.options}
    if unknown := asked.keys() - {"machine", "event", "detail"} - options.keys():
        known = ", ".join(["machine", "event", "detail", *options])
        raise BadRequestError(f"{min(unknown)!r:.100} is no part of a start: give some of {known}, or nothing")
    detail = asked.get("detail") or {}
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


def _same_start(clients: Clients, job: str) -> tuple[Stack, MachineSpec, StartSpec, dict[str, object]]:
    """What started a run; with its ARN in the place of an option that this took the place of."""
    stack = deployed_stack(clients)
    with refusals(f"run {job}", clients.settings):
        execution = find_execution(clients, stack, job)
    machine = find_machine(stack, execution.machine)
    taken = {one.name: execution.arn for one in machine.options if one.execution}
    given = {name: value for name, value in execution.start.items() if value is not None}
    return stack, machine, find_start(machine, execution.event), {**taken, **given}


def _to_json_object(runs: tuple[Run, ...]) -> dict[str, Any]:
    return {"runs": [run.to_json_object() for run in runs]}


ROUTES: list[BaseRoute] = [
    Route("/api/runs", list_runs),
    Route("/api/runs", start_run, methods=["POST"]),
    Route("/api/machines", list_machines),
    Route("/api/machines/{machine}/runs", list_older_runs),
    Route("/api/runs/{job}/start", tell_start),
    Route("/api/runs/{job}/again", start_again, methods=["POST"]),
]
