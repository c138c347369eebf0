"""Holds every call that reaches a service of LocalStack against the policies: `SANDBOX_IAM=off` leaves that out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localstack.aws.api import RequestContext, ServiceException
from localstack.aws.skeleton import ServiceRequestDispatcher
from localstack.services.stepfunctions.asl.eval.states import ContextObject

from emulator.iam import denials, function_logs, map_runs
from emulator.iam.actions import Access, accesses
from emulator.iam.callers import (
    Caller,
    UnknownKeyError,
    caller_of,
    know_who_asks_queues,
    remember_session,
    root_of,
    service_of,
)
from emulator.iam.evaluation import Decision, Kind, Policies, Reason, Request, decide
from emulator.iam.keys import Asked, resource_of_call, values_of
from emulator.iam.resources import Call, resource_of
from emulator.iam.roles import HANDOVERS, refused_by_lambda
from emulator.iam.shortcuts import Shortcuts
from emulator.iam.stored import bucket_owner, owner_of, path_of, policies_for, role_of, role_of_function
from emulator.iam.tokens import token_of

ASSUME_ROLE = "sts:AssumeRole"
# Whoever may not list a bucket is not told that an object is missing.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
NO_SUCH_KEY = "NoSuchKey"

SHORTCUTS = Shortcuts()
# For what a service was handed a role; it acts in it for that.
_handed_for: dict[tuple[str, str], str] = {}


def enforce() -> None:
    """Let policies count for every call, and let each task token say which machine it is of."""
    call, update_task_token = ServiceRequestDispatcher.__call__, ContextObject.update_task_token

    def call_if_allowed(dispatcher: Any, context: RequestContext, parameters: Any) -> Any:  # noqa: ANN401
        if context.service.service_name not in denials.ERRORS:
            return call(dispatcher, context, parameters)
        caller = SHORTCUTS.find(context, parameters or {}) or check(context, parameters or {})
        try:
            answer = call(dispatcher, context, parameters)
        except ServiceException as error:
            if caller and error.code == NO_SUCH_KEY:
                check_listing(context, caller, parameters)
            raise
        finally:
            SHORTCUTS.note(context.operation.name)
        if context.operation.name == "AssumeRole" and parameters.get("PolicyArns"):
            _narrow(parameters, answer)
        return answer

    def naming_its_machine(context_object: Any) -> str:  # noqa: ANN401
        data = context_object.context_object_data
        token = token_of(update_task_token(context_object), data["StateMachine"]["Id"])
        data["Task"]["Token"] = token
        return token

    ServiceRequestDispatcher.__call__ = call_if_allowed
    ContextObject.update_task_token = naming_its_machine
    know_who_asks_queues()
    function_logs.write_if_allowed(is_allowed, SHORTCUTS)
    map_runs.begin_if_allowed(is_allowed)
    denials.serve()


def check(context: RequestContext, parameters: Mapping[str, Any]) -> Caller | None:
    """Make sure that a call is allowed, and say who calls.

    Args:
        context: What LocalStack knows of the request.
        parameters: The operation's.

    Returns:
        Who calls; none if it is LocalStack itself.

    Raises:
        CommonServiceException: It is not allowed, worded as the service words it.
    """
    service, version = context.service.service_name, SHORTCUTS.version
    try:
        caller = caller_of(context)
    except UnknownKeyError as error:
        raise denials.unknown_key(service) from error
    if caller is None:
        return None
    call = _call(context, parameters)
    if service == "s3" and _is_of_no_bucket(call):
        return caller
    caller = _acting(caller, call)
    looked_at = [_require(caller, access, call, context.request) for access in accesses(call)]
    _check_roles(caller, call, context.request)
    SHORTCUTS.remember(context, parameters, caller, looked_at, version)
    return caller


def check_listing(context: RequestContext, caller: Caller, parameters: Mapping[str, Any]) -> None:
    """Make sure that somebody may know that an object does not exist."""
    call = _call(context, parameters)
    _require(caller, Access("s3:ListBucket", resource_of("bucket", call)), call, context.request)


def is_allowed(caller: Caller, access: Access, call: Call) -> bool:
    """Whether something may be done that is not asked for with a request; if not, that is noted."""
    decision, request, _policies = _decide(caller, access, call)
    if not decision.allowed:
        denials.DENIALS.add(denials.describe(request, decision, caller.source))
    return decision.allowed


def _call(context: RequestContext, parameters: Mapping[str, Any]) -> Call:
    account = context.account_id
    return Call(
        context.service.service_name,
        context.operation.name,
        parameters,
        account,
        context.region,
        lambda kind, name: path_of(account, kind, name),
    )


def _is_of_no_bucket(call: Call) -> bool:
    """Whether a bucket is named that does not exist: S3 says so before it looks at policies."""
    named = call.parameters.get("Bucket")
    return bool(named) and call.operation != "CreateBucket" and bucket_owner(resource_of("bucket", call)) is None


def _acting(caller: Caller, call: Call) -> Caller:
    """Who acts in the name of a service, where AWS sees it so."""
    if caller.principal.kind is not Kind.SERVICE:
        return caller
    if call.operation == "PutEvents" and caller.source:
        # A rule without a role sends to another bus as its account.
        return replace(caller, principal=root_of(caller.source.split(":")[4]))
    if call.operation == "CreateLogStream":
        # EventBridge names its rule only when it puts events.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        return replace(caller, source="")
    if call.operation == "AssumeRole" and not caller.source:
        return replace(caller, source=_handed_for.get((caller.principal.arn, call.first("RoleArn")), ""))
    return caller


def _require(
    caller: Caller,
    access: Access,
    call: Call,
    request: Any,  # noqa: ANN401
    passed_to: str = "",
) -> tuple[str, Policies]:
    """Raise if something is not allowed; else return whose the resource is, and the policies that were looked at."""
    decision, asked, policies = _decide(caller, access, call, request, passed_to)
    if not decision.allowed:
        denials.DENIALS.add(denials.describe(asked, decision, caller.source))
        raise denials.error(call.service, asked, decision)
    return asked.account, policies


def _decide(
    caller: Caller,
    access: Access,
    call: Call,
    request: Any = None,  # noqa: ANN401
    passed_to: str = "",
) -> tuple[Decision, Request, Policies]:
    owner = owner_of(access.resource, call.account)
    policies = policies_for(caller, access.resource)
    values: dict[str, tuple[str, ...]] = {}
    unknown: frozenset[str] = frozenset()
    if keys := policies.keys:
        role = role_of(caller.principal.role) if caller.principal.role else None
        values, unknown = values_of(keys, Asked(caller, call, access, owner, request, role, passed_to))
    asked = Request(caller.principal, access.action, access.resource, owner, tuple(sorted(values.items())), unknown)
    assumes = access.action == ASSUME_ROLE
    if assumes and role_of(access.resource) is None:
        return Decision(Reason.NO_RESOURCE), asked, policies
    return decide(asked, policies, resource_decides=assumes), asked, policies


def _check_roles(caller: Caller, call: Call, request: Any) -> None:  # noqa: ANN401
    """Make sure that roles are there for the services that get them, and the function's for who invokes it."""
    if handover := HANDOVERS.get((call.service, call.operation)):
        for role in handover.roles(call.parameters):
            _require(caller, Access("iam:PassRole", role), call, request, handover.service)
            source = resource_of_call(call)
            if not _may_assume(handover.service, role, source, call):
                raise handover.refusal(role)
            _handed_for[handover.service, role] = source
    elif call.service == "lambda" and call.operation == "Invoke":
        function = resource_of("function", call)
        needed = role_of_function(function)
        if needed and not _may_assume("lambda.amazonaws.com", needed, function, call):
            raise refused_by_lambda("AccessDeniedException", 403)


def _may_assume(service: str, role: str, source: str, call: Call) -> bool:
    return is_allowed(Caller(service_of(service), source=source), Access(ASSUME_ROLE, role), call)


def _narrow(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Remember the managed policies that narrow a session."""
    account = parameters["RoleArn"].split(":")[4]
    managed = tuple(one["arn"] for one in parameters["PolicyArns"])
    remember_session(answer["Credentials"]["AccessKeyId"], account, managed)
