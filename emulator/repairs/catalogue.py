"""All repairs, in the order in which they are made."""

from emulator.repairs.client_context import pass_client_context
from emulator.repairs.ended_threads import forget_ended_threads
from emulator.repairs.event_delivery import retry_deliveries
from emulator.repairs.function_logs import write_logs_at_once
from emulator.repairs.payload_limits import refuse_large_events
from emulator.repairs.task_errors import name_task_errors
from emulator.repairs.task_tokens import ask_started_executions_only
from emulator.repairs.uploads import take_complete_uploads_only

REPAIRS = (
    forget_ended_threads,
    retry_deliveries,
    write_logs_at_once,
    pass_client_context,
    refuse_large_events,
    name_task_errors,
    ask_started_executions_only,
    take_complete_uploads_only,
)


def apply() -> None:
    """Mend all of it; once, before the services are used."""
    for repair in REPAIRS:
        repair()
