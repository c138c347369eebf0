"""Every name that speed/ replaces, and who uses it: none of them gets, or gives, what the new one was not written for.

A name has callers that whoever replaces it may not have thought of. Here stands which there are, and what was checked;
a name or a caller that is new fails a test, and is to be looked at.
"""

import re
from pathlib import Path
from types import ModuleType

import botocore
import moto
import pytest
import rolo
import werkzeug
from localstack import constants
from localstack.utils import strings
from localstack.utils.xray import traceid

import emulator.speed
from emulator.speed import state_machines

LIBRARIES = {library.__name__: Path(str(library.__file__)).parent for library in (botocore, moto, rolo, werkzeug)}
LIBRARIES["localstack"] = Path(constants.__file__).parent
# What the sandbox does not have, and what is not used of what it has.
LEFT_OUT = re.compile(
    r"localstack/(testing|packages|cli|dev)/|/v1/|services/(?!events|iam|lambda_|logs|s3/|sqs|step|sts)"
)
ASL = "localstack/services/stepfunctions/asl"
TASKS = f"{ASL}/component/state/state_execution/state_task"

# Where a name is called: what finds the calls, the files, and what was checked of them.
CALLERS = {
    "AmazonStateLanguageParser.parse": (
        r"(?<!State)AmazonStateLanguageParser\.parse\(",
        {f"{ASL}/static_analyser/static_analyser.py", "localstack/services/stepfunctions/backend/execution_worker.py"},
        "text; what is read is used and not changed; TestState has a parser of its own",
    ),
    "Headers.get": (r"(?!)", set(), "any class of its own, a type, and a default: test_requests.py"),
    "Headers.update": (r"(?!)", set(), "dicts, lists, named values: test_requests.py"),
    "InternalClientFactory._get_client_post_hook": (
        r"_get_client_post_hook\(",
        {"localstack/aws/connect.py"},
        "each client of one service for another: test_call_shapes.py",
    ),
    "LogsProvider.put_log_events": (
        r"(?!)",
        set(),
        "clients and direct calls: test_patches.py, test_call_shapes.py; entities and tokens change nothing",
    ),
    "LogsTargetSender.send_event": (
        r"sender\.send_event\(|self\.send_event\(",
        {"localstack/services/events/target.py"},
        "events, objects, texts, numbers, as a target's input may be: test_event_log.py",
    ),
    "LocalstackAwsGateway.process": (
        r"gateway\.process\(|self\.process\(request",
        {"rolo/gateway/gateway.py", "rolo/gateway/wsgi.py"},
        "HTTP and calls in memory: test_plain_requests.py",
    ),
    "Program.eval": (r"(?!)", set(), "machines, branches and items, which have no timeout: test_patches.py"),
    "ResponseLogger._log": (r"self\._log\(context", {"localstack/aws/handlers/logging.py"}, "answers of services only"),
    "RestXMLRequestParser._parse_structure": (
        r"f\"_parse_\{",
        {"localstack/aws/protocol/parser.py"},
        "members in headers, in the query and in the body, single and many: test_requests.py",
    ),
    "Rule._compile_builder": (
        r"\._compile_builder\(",
        {"werkzeug/routing/rules.py"},
        "with and without what is unknown to a route: URLs are built as before",
    ),
    "ServiceLoader.require_service": (
        r"require_service\b",
        {"localstack/aws/handlers/service_plugin.py"},
        "requests that name no service, too: test_service_loading.py",
    ),
    "StateTaskService._get_boto_operation_model": (
        r"\._get_boto_operation_model\(",
        {f"{TASKS}/service/state_task_service.py", f"{ASL}/static_analyser/test_state/test_state_analyser.py"},
        "two texts; the model is only read",
    ),
    "UserAgentString.to_string": (
        r"\.to_string\(\)",
        {"botocore/args.py", "botocore/client.py", "botocore/useragent.py"},
        "copies of a client",
    ),
    "checksums.crt_checksums": (
        r"crt_checksums\.",
        {"botocore/httpchecksum.py"},
        "functions and a class of the module by name: test_service_loading.py",
    ),
    "provider.copy": (
        r"deepcopy\((dict\()?(region_backend|self\.streams)",
        {"localstack/services/logs/provider.py"},
        "tables of groups and streams, which are read; a request, of which one value is set",
    ),
    "events.start_worker_thread": (
        r"(?s)events.*start_worker_thread\(.*_process_rules_async",
        {"localstack/services/events/provider.py"},
        "a method and its params by name: nobody asks for the thread",
    ),
    "execution_environment.Timer": (
        r"Timer\(config\.LAMBDA_KEEPALIVE",
        {"localstack/services/lambda_/invocation/execution_environment.py"},
        "is started and cancelled, also without being started, and nothing else: test_threads.py",
    ),
    "hooks.accepts_kwargs": (r"accepts_kwargs\(", {"botocore/hooks.py", "botocore/compat.py"}, "functions and methods"),
    "moto_responses.method_names_from_class": (
        r"method_names_from_class\(",
        {"moto/core/responses.py", "moto/core/utils.py"},
        "classes; the names are only read",
    ),
    "serializer.parse_to_aware_datetime": (
        r"parse_to_aware_datetime\(",
        {"localstack/aws/protocol/serializer.py"},
        "texts, numbers and dates, all of which can be a key; only that of LocalStack's serializer is replaced",
    ),
    "version_manager.start_thread": (
        r"start_thread\(scale_environments",
        {"localstack/services/lambda_/invocation/version_manager.py"},
        "metrics, whose thread nobody asks for, and environments: test_threads.py",
    ),
}
# Loaders of botocore and stores of IAM: any caller gets the same value, which is made once, or later.
SAME_VALUE = {
    *("EventAliaser.__init__", "Loader.list_available_services", "Loader.load_data_with_path", "loaders.OrderedDict"),
    *("IAMBackend._init_aws_policies", "IAMBackend._init_managed_policies", "IAMBackend.aws_managed_policies"),
    *("IAMBackend.managed_policies", "ResponseSerializer._get_mime_type"),
    # For each of some modules; of those with a module's name, see below.
    *("module.parse", "module.boto_client_for", "module.copy", "strings.uuid", "traceid.os", "handler.__call__"),
}
# What is called otherwise in emulator/speed.
ALIASES = {"iam.": "IAMBackend.", "aliaser.": "EventAliaser.", "serializer.ResponseSerializer.": "ResponseSerializer."}
ALIASES |= {"state_task_service.StateTaskService.": "StateTaskService."}
ASSIGNED = re.compile(r"^ {4,8}((?:[A-Za-z_]+\.)+[A-Za-z_]+) = ", re.MULTILINE)
# Of one object: a request, a client, what was parsed.
OBJECTS = re.compile(r"(self|context|response|chain|client|parser|token|backend)\b")


def replaced_names() -> set[str]:
    folder = Path(str(emulator.speed.__file__)).parent
    found = {name for path in folder.glob("*.py") for name in ASSIGNED.findall(path.read_text())}
    return {_plain(name) for name in found if not OBJECTS.match(name)}


def _plain(name: str) -> str:
    return next((name.replace(alias, full, 1) for alias, full in ALIASES.items() if name.startswith(alias)), name)


def test_every_name_that_is_replaced_was_looked_at() -> None:
    assert replaced_names() == CALLERS.keys() | SAME_VALUE


def test_all_that_call_them_are_known() -> None:
    sources = {
        f"{name}/{path.relative_to(folder)}": path.read_text()
        for name, folder in LIBRARIES.items()
        for path in folder.rglob("*.py")
    }
    used = {name: text for name, text in sources.items() if not LEFT_OUT.search(name)}
    for name, (pattern, files, _checked) in CALLERS.items():
        calls = re.compile(pattern)
        libraries = {file.partition("/")[0] for file in files}
        found = {file for file, text in used.items() if file.partition("/")[0] in libraries and calls.search(text)}
        assert found == files, name


NAMESPACES: list[tuple[ModuleType, str, set[str]]] = [
    *((module, "copy", {"deepcopy"}) for module in state_machines.COPIERS),
    (strings, "uuid", {"UUID", "uuid4"}),
    (traceid, "os", {"urandom"}),
]


@pytest.mark.parametrize(("module", "name", "has"), NAMESPACES, ids=[str(module.__name__) for module, *_ in NAMESPACES])
def test_a_module_uses_no_more_of_a_library_than_what_stands_in_for_it_has(
    module: ModuleType, name: str, has: set[str]
) -> None:
    source = Path(str(module.__file__)).read_text()
    assert set(re.findall(rf"(?<![\w.]){name}\.(\w+)", source)) <= has
