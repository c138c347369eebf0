"""Read the history of an execution while it grows, each event once."""

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from bootstrap.clients import Clients
from bootstrap.errors import refusals
from observatory.records.definitions import Definition, fetch_definition
from observatory.records.reading_states import StatesReader
from observatory.records.states import States

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import GetExecutionHistoryInputTypeDef

SMALLEST_PAGE_EVENTS = 50
LARGEST_PAGE_EVENTS = 1000


class History:
    """What the history of an execution says, newest first read, back to what was read before.

    AWS gives out pages that begin with the newest event as well as with the oldest, and no token for those that are to
    come; so that is the way to ask for what is new only.

    Args:
        clients: How to reach Step Functions.
        execution: The execution's ARN.
        item_key: The key of an item that says what it is called.

    Raises:
        BootstrapError: The execution's definition cannot be asked for.
    """

    def __init__(self, clients: Clients, execution: str, item_key: str) -> None:
        self._clients = clients
        self._execution = execution
        self.definition: Definition = fetch_definition(clients, execution)
        self._reader = StatesReader(self.definition, item_key)
        self._latest = 0
        self._page_events = LARGEST_PAGE_EVENTS

    def read(self) -> States:
        """Read on, and return all that is known.

        Raises:
            BootstrapError: The history cannot be read.
        """
        with refusals(self._execution, self._clients.settings):
            new = self._new_events()
        if new:
            self._reader.take(reversed(new))
            self._latest = new[0]["id"]
        self._page_events = min(max(2 * len(new), SMALLEST_PAGE_EVENTS), LARGEST_PAGE_EVENTS)
        return self._reader.states()

    def _new_events(self) -> list[Any]:
        asked: GetExecutionHistoryInputTypeDef = {
            "executionArn": self._execution,
            "maxResults": self._page_events,
            "reverseOrder": True,
        }
        found: list[Any] = []
        while True:
            page = self._clients.states.get_execution_history(**asked)
            new = list(takewhile(lambda event: event["id"] > self._latest, page["events"]))
            found += new
            token = page.get("nextToken")
            if not token or len(new) < len(page["events"]):
                return found
            asked["nextToken"] = token
