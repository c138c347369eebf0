"""Archives, and what is replayed of them."""

from datetime import UTC, datetime, timedelta

from testkit.waiting import wait_for
from tests.emulator.repairs.events.conftest import Account, unique


def test_what_is_archived_is_replayed_with_its_time(account: Account) -> None:
    bus_arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{account.bus}"
    archive, replay = unique("archive"), unique("replay")
    arn = account.events.create_archive(ArchiveName=archive, EventSourceArn=bus_arn)["ArchiveArn"]
    account.rule(account.queue_arn)
    time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    account.put(account.entry(Detail='{"number": 1}', Time=time))
    first = account.heard()
    wait_for("the archive", lambda: account.events.describe_archive(ArchiveName=archive)["EventCount"] == 1)
    hour = timedelta(hours=1)
    answer = account.events.start_replay(
        ReplayName=replay,
        EventSourceArn=arn,
        EventStartTime=time - hour,
        EventEndTime=time + hour,
        Destination={"Arn": bus_arn},
    )
    assert answer["State"] in {"STARTING", "RUNNING", "COMPLETED"}
    second = account.heard()
    assert second == first | {"id": second["id"], "replay-name": replay}
    account.events.delete_archive(ArchiveName=archive)
