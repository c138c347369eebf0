"""All repairs, in the order in which they are made."""

from emulator.repairs.client_context import pass_client_context
from emulator.repairs.ended_threads import forget_ended_threads
from emulator.repairs.event_delivery import retry_deliveries
from emulator.repairs.events.archives import make_rules_of_archives, replay_what_is_archived
from emulator.repairs.events.entries import limit_entries
from emulator.repairs.events.inputs import give_targets_their_input
from emulator.repairs.events.rules import match_as_aws
from emulator.repairs.failed_functions import let_failed_functions_go
from emulator.repairs.function_dead_letters import send_all_dead_letters
from emulator.repairs.function_logs import write_logs_at_once
from emulator.repairs.logs.searches import search_as_aws
from emulator.repairs.logs.subscriptions import hand_over_what_fits
from emulator.repairs.object_files import keep_files_apart
from emulator.repairs.object_reads import read_without_locks
from emulator.repairs.payload_limits import refuse_large_events
from emulator.repairs.presigned_forms import know_who_signed_forms
from emulator.repairs.presigned_urls import find_tokens
from emulator.repairs.queue_records import hand_over_bodies_as_sent
from emulator.repairs.queue_urls import look_for_short_queue_urls_only
from emulator.repairs.states.aborting import abort_branches
from emulator.repairs.states.branches import keep_track_of_branches
from emulator.repairs.states.choices import choose_as_aws
from emulator.repairs.states.definitions import refuse_faulty_definitions
from emulator.repairs.states.error_names import name_errors
from emulator.repairs.states.express_executions import forget_express_executions
from emulator.repairs.states.histories import end_histories
from emulator.repairs.states.history_pages import give_out_pages
from emulator.repairs.states.intrinsics import call_as_aws
from emulator.repairs.states.json_paths import find_as_aws
from emulator.repairs.states.jsonata import evaluate_jsonata
from emulator.repairs.states.map_items import take_items_in_a_loop
from emulator.repairs.states.map_run_fields import know_all_fields
from emulator.repairs.states.map_run_items import read_all_items
from emulator.repairs.states.map_run_results import write_results
from emulator.repairs.states.map_runs import run_maps_as_aws
from emulator.repairs.states.redrive import redrive_executions
from emulator.repairs.states.redrive_status import tell_of_redrives
from emulator.repairs.states.sizes import limit_sizes
from emulator.repairs.states.status_events import announce_as_aws
from emulator.repairs.states.stopping import stop_executions_at_once
from emulator.repairs.states.task_tokens import answer_each_token_once
from emulator.repairs.states.texts import keep_text
from emulator.repairs.states.timeouts import give_time_as_aws
from emulator.repairs.states.variables import keep_variables
from emulator.repairs.task_errors import name_task_errors
from emulator.repairs.uploads import take_complete_uploads_only

REPAIRS = (
    forget_ended_threads,
    limit_entries,
    match_as_aws,
    make_rules_of_archives,
    replay_what_is_archived,
    give_targets_their_input,
    # Around the way that others have mended.
    retry_deliveries,
    write_logs_at_once,
    send_all_dead_letters,
    hand_over_bodies_as_sent,
    pass_client_context,
    refuse_large_events,
    name_task_errors,
    # Within what others do around a state.
    keep_variables,
    evaluate_jsonata,
    find_as_aws,
    call_as_aws,
    keep_text,
    answer_each_token_once,
    refuse_faulty_definitions,
    name_errors,
    choose_as_aws,
    keep_track_of_branches,
    end_histories,
    give_out_pages,
    abort_branches,
    take_items_in_a_loop,
    know_all_fields,
    read_all_items,
    run_maps_as_aws,
    write_results,
    give_time_as_aws,
    stop_executions_at_once,
    tell_of_redrives,
    redrive_executions,
    announce_as_aws,
    forget_express_executions,
    # Around the operations that others have mended.
    limit_sizes,
    let_failed_functions_go,
    find_tokens,
    know_who_signed_forms,
    hand_over_what_fits,
    # Around the way that subscriptions are put.
    search_as_aws,
    take_complete_uploads_only,
    keep_files_apart,
    read_without_locks,
    look_for_short_queue_urls_only,
)


def apply() -> None:
    """Mend all of it; once, before the services are used."""
    for repair in REPAIRS:
        repair()
