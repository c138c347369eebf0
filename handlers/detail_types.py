"""The detail types that the cookies' machine, rules and handlers agree on."""

from enum import StrEnum

from handlers.shared import detail_types as shared


class DetailType(StrEnum):
    """What an event says; EventBridge rules match on it."""

    START = "start"
    DONE = shared.DONE
    GET_USERS = "getUsers"
    GET_USER_PROFILE = "getUserProfile"
    GET_USER_COOKIES = "getUserCookies"
    GENERATE_REPORT = "generateReport"
    ASYNC_DONE = "async.done"
    FAILED = shared.FAILED
