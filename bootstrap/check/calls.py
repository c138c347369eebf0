"""What a module asks AWS services for, as far as its syntax tree shows: which operation of which service."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from bootstrap.check.findings import Place
from bootstrap.check.modules import Module, given, module_of, once

CLIENT, RESOURCE = "boto3.client", "boto3.resource"
# These name the operation in their first argument.
NAMING = {"get_paginator", "generate_presigned_url"}
# https://docs.aws.amazon.com/boto3/latest/guide/s3.html: what boto3 adds to S3, and what it comes to.
TRANSFERS = {
    "copy": "copy_object",
    "download_file": "get_object",
    "download_fileobj": "get_object",
    "generate_presigned_post": "put_object",
    "upload_file": "put_object",
    "upload_fileobj": "put_object",
}
ASKING_NOTHING = {"can_paginate", "close"}


@dataclass(frozen=True)
class ServiceCall:
    """A call of an AWS service.

    Args:
        service: As boto3 names it; None where the code does not show it.
        operation: As AWS names it; None where the code does not show it.
        place: Where the code does it.
    """

    service: str | None
    operation: str | None
    place: Place


@once
def service_calls(module: Module) -> Iterator[ServiceCall]:
    """What a module asks for; a client that it makes, and does nothing with that can be seen, asks for something."""
    asked: set[str] = set()
    for node in module.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if (client := _client_of(module, node.func.value)) and node.func.attr not in ASKING_NOTHING:
            asked.add(client.key)
            operation = None if client.is_resource else _operation(module, node, node.func.attr)
            yield ServiceCall(client.service, operation, module.place(node))
    for client in _clients(module).values():
        if client.key not in asked:
            yield ServiceCall(client.service, None, client.place)


@dataclass(frozen=True)
class _Client:
    key: str
    service: str | None
    place: Place
    is_resource: bool


@cache
def _clients(module: Module) -> Mapping[str, _Client]:
    """The clients that a module makes: by the names of variables, of functions that return one, or of their place."""
    found: dict[str, _Client] = {}
    for node in module.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and (made := _made(module, node.value)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: made for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Return) and node.value and (made := _made(module, node.value)):
            found[_function_around(module, node)] = made
    named = {client.key for client in found.values()}
    others = (made for node in module.nodes if isinstance(node, ast.expr) and (made := _made(module, node)))
    return found | {made.key: made for made in others if made.key not in named}


def _made(module: Module, node: ast.expr) -> _Client | None:
    by = module.dotted(node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or by not in {CLIENT, RESOURCE}:
        return None
    name, place = given(node, 0, "service_name"), module.place(node)
    return _Client(str(place), module.text(name) if name else None, place, is_resource=by == RESOURCE)


def _function_around(module: Module, node: ast.Return) -> str:
    """The name of the function that a statement is in."""
    functions = (one for one in module.nodes if isinstance(one, ast.FunctionDef) and node in ast.walk(one))
    return next((one.name for one in functions), "")


def _client_of(module: Module, node: ast.expr) -> _Client | None:
    """The client that an expression stands for, if it is one."""
    if made := _made(module, node):
        return made
    name = module.dotted(node.func if isinstance(node, ast.Call) else node)
    if name is None:
        return None
    if client := _clients(module).get(name):
        return client
    if "." not in name or (found := module_of(name)) is None:
        return None
    other, rest = found
    return _clients(other).get(rest[0]) if len(rest) == 1 else None


def _operation(module: Module, call: ast.Call, method: str) -> str | None:
    if method in NAMING:
        named = given(call, 0, "operation_name" if method == "get_paginator" else "ClientMethod")
        method = (module.text(named) if named else None) or ""
    method = TRANSFERS.get(method, method)
    return None if not method or method == "get_waiter" else "".join(map(str.capitalize, method.split("_")))
