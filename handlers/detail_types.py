"""The detail types that state machines, rules and handlers agree on."""

from enum import StrEnum


class DetailType(StrEnum):
    """What an event of this project says; EventBridge rules match on it."""

    START = "start"
    DONE = "done"
    GET_USERS = "getUsers"
    GET_USER_PROFILE = "getUserProfile"
    GET_USER_COOKIES = "getUserCookies"
    GENERATE_REPORT = "generateReport"
    ASYNC_DONE = "async.done"
    FAILED = "failed"
