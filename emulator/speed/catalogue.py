"""LocalStack 4.14.0's slow paths, mended; each function of PATCHES says why. `SANDBOX_PATCHES=0` leaves all out.

What each file of them saves was measured by leaving it out, in turns with all. LocalStack's CPU time in a run of 30
items grows by 28 % without direct_calls, 7 % without requests, 2 % without threads, and more
than doubles without state_machines; that of a start grows by 69 % without loading, 18 % without definitions, and 6 %
without clients. Without plain_requests and the quickly drawn ids of requests, a run of 100 takes 36 % more.
"""

from emulator.speed.clients import keep_user_agents, sign_internal_calls_by_name_only
from emulator.speed.definitions import parse_definitions_quickly
from emulator.speed.direct_calls import call_services_directly, write_logs_directly
from emulator.speed.event_rules import write_events_to_logs_in_batches
from emulator.speed.loading import (
    compile_url_builders_late,
    list_services_once,
    make_managed_policies_late,
    make_sessions_quickly,
    read_models_once,
    remember_method_names,
)
from emulator.speed.log_groups import list_groups_without_their_events
from emulator.speed.plain_requests import answer_plain_requests
from emulator.speed.requests import (
    draw_ids_quickly,
    find_headers_quickly,
    log_no_requests,
    look_for_services_first,
    merge_headers_quickly,
    remember_dates,
    remember_mime_types,
    skip_missing_parameters,
)
from emulator.speed.state_machines import (
    copy_json_quickly,
    keep_task_clients,
    remember_parsed_machines,
    remember_parsed_paths,
    remember_task_operations,
)
from emulator.speed.threads import (
    process_rules_in_a_pool,
    record_no_metrics,
    run_items_in_their_thread,
    share_timers,
)

PATCHES = (
    remember_parsed_paths,
    # Before the next one, which remembers what it is parsed to.
    parse_definitions_quickly,
    remember_parsed_machines,
    keep_task_clients,
    copy_json_quickly,
    remember_task_operations,
    write_events_to_logs_in_batches,
    list_groups_without_their_events,
    keep_user_agents,
    sign_internal_calls_by_name_only,
    write_logs_directly,
    call_services_directly,
    answer_plain_requests,
    draw_ids_quickly,
    log_no_requests,
    find_headers_quickly,
    merge_headers_quickly,
    look_for_services_first,
    skip_missing_parameters,
    remember_dates,
    remember_mime_types,
    process_rules_in_a_pool,
    record_no_metrics,
    share_timers,
    run_items_in_their_thread,
    remember_method_names,
    list_services_once,
    read_models_once,
    make_sessions_quickly,
    compile_url_builders_late,
    make_managed_policies_late,
)


def apply() -> None:
    """Apply every patch."""
    for patch in PATCHES:
        patch()
