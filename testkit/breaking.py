"""Functions that run other code than their own, until they are mended."""

import io
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from bootstrap import deploy
from bootstrap.clients import Clients
from bootstrap.description import FunctionSpec
from bootstrap.packages import build_package
from bootstrap.resources.function import Function
from testkit import frozen_handler
from testkit.waiting import wait_until_in_use

ALWAYS_RAISES = """
def lambda_handler(event, context):
    raise RuntimeError("broken by a test")
"""
PARALLEL_FUNCTIONS = 8


def break_function(clients: Clients, name: str, code: str = ALWAYS_RAISES, **configuration: Any) -> None:  # noqa: ANN401
    """Let a function run other code, which may import its own.

    Args:
        clients: How to reach Lambda.
        name: The function's name.
        code: A module with a `lambda_handler`.
        configuration: What else of the function is to change, as UpdateFunctionConfiguration has it:
            https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html

    Raises:
        ValueError: The stack has no such function.
        PackageError: It cannot be packed.
    """
    _replace(clients, _spec(clients, name), "broken", code, configuration)


def freeze_functions(clients: Clients, seed: str) -> None:
    """Let all functions of the stack draw the same random numbers each time.

    Args:
        clients: How to reach Lambda.
        seed: What they are drawn from, with the function's name and the item that its event is about.
    """
    code = Path(frozen_handler.__file__).read_text(encoding="utf-8")

    def freeze(function: Function) -> None:
        frozen = {frozen_handler.MODULE_VARIABLE: function.spec.module, frozen_handler.SEED_VARIABLE: seed}
        variables = {"Environment": {"Variables": {**function.variables, **frozen}}}
        _replace(clients, function.spec, "frozen", code, variables)

    with ThreadPoolExecutor(PARALLEL_FUNCTIONS) as pool:
        list(pool.map(freeze, _functions(clients)))


def mend(clients: Clients, names: Iterable[str]) -> None:
    """Let functions run their own code again, as the stack says.

    Args:
        clients: How to reach Lambda.
        names: The functions' names.
    """
    wanted = {*names}
    broken = [function for function in _functions(clients) if function.name in wanted]
    deploy.bring_about(broken, clients, on_change=lambda _change: None)


def _functions(clients: Clients) -> list[Function]:
    """The functions of the stack in this account."""
    resources = chain.from_iterable(deploy.system(clients).stages())
    return [resource for resource in resources if isinstance(resource, Function)]


def _spec(clients: Clients, name: str) -> FunctionSpec:
    known = {spec.name: spec for spec in clients.stack.functions}
    if name not in known:
        raise ValueError(f"{clients.stack.name} has no function {name!r}: give one of {', '.join(known)}")
    return known[name]


def _replace(clients: Clients, spec: FunctionSpec, module: str, code: str, configuration: dict[str, Any]) -> None:
    """Put a module into a function's package, and let it be the one that is run."""
    package = io.BytesIO(build_package(spec.module, spec.packages, clients.stack.packed).content)
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr(f"{module}.py", code)
    clients.lambda_.update_function_code(FunctionName=spec.name, ZipFile=package.getvalue())
    wait_until_in_use(clients.lambda_, spec.name)
    configuration = {**configuration, "Handler": f"{module}.lambda_handler"}
    clients.lambda_.update_function_configuration(FunctionName=spec.name, **configuration)
    wait_until_in_use(clients.lambda_, spec.name)
