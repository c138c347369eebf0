"""What LocalStack does again for each service that it loads, done once or later."""

import functools
from collections.abc import Callable
from typing import Any

from botocore.loaders import Loader
from moto.core import responses as moto_responses
from werkzeug.routing import Rule


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


def remember_method_names() -> None:
    """Ask a moto service for its methods once: each call would inspect all members of its class."""
    names = moto_responses.method_names_from_class
    moto_responses.method_names_from_class = functools.cache(names)
