"""What LocalStack does again for each service that it loads, done once or later."""

import functools
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from botocore import hooks, loaders
from botocore.loaders import JSONFileLoader, Loader
from moto.core import responses as moto_responses
from moto.iam.models import IAMBackend
from werkzeug.routing import Rule

REMEMBERED_HANDLERS = 1024


def read_models_once() -> None:
    """Read a file of botocore's once: each session, service, and list of a service's regions would read it again.

    That took 0.6 s of a start, a third of it to remember in which order each of a model's tables was written.
    """
    load = Loader.load_data_with_path
    loaded: dict[tuple[Any, ...], Any] = {}
    loading = threading.Lock()

    def load_once(self: Loader, name: str) -> Any:
        # Each kind of loader adds something of its own to what it loads.
        key = (type(self), *self.search_paths, name)
        with loading:
            if key not in loaded:
                loaded[key] = load(self, name)
        return loaded[key]

    Loader.load_data_with_path = load_once
    loaders.OrderedDict = None  # type: ignore[assignment,misc]  # what it is handed to takes none


def list_services_once() -> None:
    """Look through botocore's folders once: each loader would again, for each kind of file."""
    list_services = Loader.list_available_services

    @functools.cache
    def services_in(path: str, type_name: str) -> frozenset[str]:
        only_it: Any = SimpleNamespace(_potential_locations=lambda: [path], file_loader=JSONFileLoader(), _cache={})
        return frozenset(list_services(only_it, type_name))

    listing = threading.Lock()

    def list_once(self: Loader, type_name: str) -> list[str]:
        with listing:
            return sorted(frozenset().union(*(services_in(path, type_name) for path in self._potential_locations())))

    Loader.list_available_services = list_once


def make_sessions_quickly() -> None:
    """Look at each of botocore's ninety event handlers once: each session would (8 of 9 ms).

    They are asked whether they take any argument, and their events' names are compared with those of other days.
    """
    accepts_kwargs = functools.lru_cache(REMEMBERED_HANDLERS)(hooks.accepts_kwargs)
    hooks.accepts_kwargs = lambda func: accepts_kwargs(getattr(func, "__func__", func))

    aliaser: Any = hooks.EventAliaser
    initialize = aliaser.__init__
    names: dict[str, str] = {}

    def share_names(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        initialize(self, event_emitter, event_aliases)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = names

    aliaser.__init__ = share_names


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


def make_managed_policies_late() -> None:
    """Make the 1,400 policies that AWS manages when somebody asks for one: they take 0.1 s, and are seldom used."""
    iam: Any = IAMBackend
    make, making = iam._init_aws_policies, threading.RLock()

    # LocalStack finds it by its name, and adds some to what it makes.
    @functools.wraps(make)
    def make_none(_backend: Any) -> list[Any]:
        return []

    def aws_managed_policies(backend: Any) -> list[Any]:
        with making:
            if "policies" not in backend.__dict__:
                backend.policies = make(backend) + backend.more_policies
        return backend.policies

    def managed_policies(backend: Any) -> dict[str, Any]:
        with making:
            if "policies_by_arn" not in backend.__dict__:
                backend.policies_by_arn = {policy.arn: policy for policy in backend.aws_managed_policies}
        return backend.policies_by_arn

    def set_more(backend: Any, policies: list[Any]) -> None:
        backend.more_policies = policies

    iam._init_aws_policies = make_none
    iam._init_managed_policies = lambda _backend: None
    iam.aws_managed_policies = property(aws_managed_policies, set_more)
    iam.managed_policies = property(managed_policies, lambda _backend, _none: None)
