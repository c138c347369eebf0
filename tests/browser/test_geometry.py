"""Where things stand in the timeline, as the pages' own functions compute it."""

from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.fixture
def call(page: Page, url: str) -> Any:
    """Calls a function of one of the pages' modules."""
    page.goto(f"{url}nope")

    def call(module: str, script: str) -> Any:
        return page.evaluate(f"async () => {{ const m = await import('/static/{module}.js'); return {script}; }}")

    return call


@pytest.mark.parametrize(
    ("start", "end", "labels"),
    [
        (0, 1700, ["0.0 s", "0.5 s", "1.0 s", "1.5 s"]),
        (1240, 1251, ["1.240 s", "1.242 s", "1.244 s", "1.246 s", "1.248 s", "1.250 s"]),
        (0, 90_000, ["0 s", "20 s", "40 s", "60 s", "80 s"]),
        (0, 600_000, ["0.0 min", "1.7 min", "3.3 min", "5.0 min", "6.7 min", "8.3 min", "10.0 min"]),
    ],
)
def test_each_tick_says_something_else(call: Any, start: int, end: int, labels: list[str]) -> None:
    range_ = f"{{ from: {start}, to: {end} }}"
    shown = call("run/axis", f"m.ticksOf({range_}, 6).map((at) => m.tickLabel(at, {range_}, 6))")
    assert len(set(shown)) == len(shown)
    assert shown == labels


def test_zooming_keeps_to_the_run_and_to_the_middle(call: Any) -> None:
    zoomed = "JSON.stringify(m.scaled({ from: %s, to: %s }, %s, 1000))"
    assert call("run/axis", zoomed % (0, 1000, 0.5)) == '{"from":250,"to":750}'
    assert call("run/axis", zoomed % (0, 200, 2)) == '{"from":0,"to":400}'
    assert call("run/axis", zoomed % (900, 1000, 4)) == '{"from":600,"to":1000}'
    assert call("run/axis", zoomed % (250, 750, 8)) == '{"from":0,"to":1000}'


BARS = "[[0, 10], [5, 15], [10, 20], [2, 3]].map(([put, end], key) => ({ key, lane: 'f', put, end }))"


def test_no_bar_hides_another(call: Any) -> None:
    placed = call("run/lanes", f"[...m.packLanes({BARS}.sort((a, b) => a.put - b.put), 'm').rowOf]")
    lane = 1.6
    assert placed == [[0, lane], [3, lane + 1], [1, lane + 1], [2, lane]]


def test_what_is_out_of_sight_or_behind_another_is_not_drawn(call: Any) -> None:
    seen = (
        "m.visibleBars(%s, new Map([[0, 0], [1, 1], [2, 0], [3, 0]]), { from: %s, to: %s }, %s).map((bar) => bar.key)"
    )
    bars = BARS + ".sort((a, b) => a.put - b.put)"
    assert call("run/lanes", seen % (bars, 0, 20, 20)) == [0, 1, 2]
    assert call("run/lanes", seen % (bars, 12, 20, 20)) == [1, 2]
    assert call("run/lanes", seen % (bars, 30, 40, 20)) == []


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({"connected": None, "trouble": None, "quietMs": 100}, ("connecting", "connecting …")),
        ({"connected": None, "trouble": None, "quietMs": 5000}, ("lost", "no word for 5 s")),
        ({"connected": True, "trouble": None, "quietMs": 900}, ("live", "live")),
        ({"connected": True, "trouble": None, "quietMs": 4600}, ("lost", "no word for 5 s")),
        ({"connected": True, "trouble": "why", "quietMs": 900}, ("lost", "the sandbox does not answer")),
        ({"connected": False, "trouble": None, "quietMs": 0}, ("lost", "the pages' server is gone, trying again")),
    ],
)
def test_the_light_says_what_is_known_and_how_old_that_is(
    call: Any, known: dict[str, Any], state: tuple[str, str]
) -> None:
    js = str(known).replace("None", "null").replace("True", "true").replace("False", "false")
    said = call("common/light", f"m.lightOf({js})")
    assert (said["state"], said["text"]) == state


def test_the_critical_path_is_summed_up_by_what_took_longest(call: Any) -> None:
    segments = "[['A', 'works', 0, 30], ['B', 'waits', 30, 80], ['A', 'works', 80, 100]]"
    rows = f"{segments}.map(([state, what, began, ended]) => ({{ state, what, began, ended }}))"
    assert call(
        "run/path", f"m.spent({rows}).map(({{ state, times, took, share }}) => [state, times, took, share])"
    ) == [
        ["A", 2, 50, 0.5],
        ["B", 1, 50, 0.5],
    ]


def test_an_error_is_told_once_however_many_failed_of_it(call: Any) -> None:
    failures = """[
      { what: "Machine", error: "FAILED: E: no luck", sentence: "Machine ended with FAILED: E", outcome: null },
      { what: "Step", error: "E: no luck", sentence: "Step raised E: no luck", outcome: "caught, then Undo" },
      { what: "work", error: "E: no luck", sentence: "work raised E: no luck (3 times)", outcome: null },
      { what: "other", error: "F: else", sentence: "other raised F: else", outcome: null },
    ]"""
    assert call("run/failures", f"m.causesOf({failures})") == [
        "work raised E: no luck (3 times); so failed Step, caught, then Undo; Machine",
        "other raised F: else",
    ]


def test_the_tries_of_an_invocation_follow_each_other_and_none_waits_since_the_first(call: Any) -> None:
    told = """{
      told: "2026-01-01T00:00:10.000Z", words: { items: {} },
      pending: [], retries: { r: { allowed: 3, next: null } },
      criticalPath: {}, objects: {}, items: {}, stateRuns: {}, consumers: [],
      execution: { startedAt: "2026-01-01T00:00:00.000Z", endedAt: null, status: "RUNNING", machine: "M" },
      events: { id: ["e"], type: ["t"], at: [100], item: [null], from: ["M"], replayOf: [null] },
      invocations: {
        function: ["f", "f"], requestId: ["r", "r"], causeEventId: ["e", "e"], emitted: [[], []],
        isSideEffect: [false, false],
        started: [110, 1300], ended: [300, null], initMs: [null, null], error: ["no", null],
      },
    }"""
    script = f"""(() => {{ const story = new m.Story({told}, 0); story.advance(5000);
      return story.bars.map((bar) => [bar.put, bar.start, bar.end, bar.number, bar.allowed, bar.running]); }})()"""
    assert call("run/story", script) == [[100, 110, 300, 1, 3, False], [300, 1300, 15_000, 2, 3, True]]


ABORTED = """{
  told: "2026-01-01T00:01:00.000Z", words: { items: {} }, pending: [], retries: {}, criticalPath: {}, objects: {},
  consumers: [], events: {}, invocations: {},
  execution: {
    startedAt: "2026-01-01T00:00:00.000Z", endedAt: "2026-01-01T00:00:30.000Z", status: "FAILED", machine: "M",
  },
  stateRuns: {
    id: [1], name: ["Pick"], type: ["Task"], parent: [null], item: [null], status: ["ABORTED"], tries: [1], tried: [[]],
    attempt: [0], triesAllowed: [null], nextTry: [600], begun: [100], entered: [100], failed: [null], ended: [400],
    eventIds: [[]],
  },
  items: {
    mapId: [7], attempt: [1], map: ["Each"], name: ["a"], within: [null], status: ["ABORTED"], started: [100],
    ended: [400],
  },
}"""


def test_of_a_map_that_was_tried_again_the_items_of_its_last_try_are_listed(call: Any) -> None:
    told = """{
      words: { items: {} },
      stateById: new Map([[1, { id: 1, tries: 2, parent: null }], [2, { id: 2, tries: 1, parent: 1, attempt: 1 }]]),
      items: [
        { map: "Each", mapId: 1, attempt: 1 }, { map: "Each", mapId: 1, attempt: 2 },
        { map: "Inner", mapId: 2, attempt: 1 },
      ],
    }"""
    story = f"Object.setPrototypeOf({told}, (await import('/static/run/story.js')).Story.prototype)"
    listed = "m.itemsByMap(story).map(({ map, items }) => [map, items.map((item) => item.attempt)])"
    assert call("run/steps", f"await (async (story) => {listed})({story})") == [["Each", [2]], ["Inner", []]]


@pytest.mark.parametrize(
    ("module", "told", "said"),
    [
        ("bars", "story.bars.map((bar) => [bar.end, m.outcome(bar), m.kindOf(bar)])[0]", [400, "aborted", "aborted"]),
        ("steps", "[m.stepsOf(story)[0].took, m.itemsByMap(story)[0].items[0].took]", [300, 300]),
        ("tries", "m.triesText(story, story.states[0], story.ended)", ["try 1: aborted after 300 ms"]),
    ],
)
def test_what_was_aborted_lasts_until_what_it_is_in_ended(call: Any, module: str, told: str, said: object) -> None:
    story = f"new (await import('/static/run/story.js')).Story({ABORTED}, 0)"
    assert call(f"run/{module}", f"await (async (story) => {told})({story})") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (7_260, "2 h ago"),
        (86_400, "1 day ago"),
        (1e6, "11 days ago"),
    ],
)
def test_how_long_ago_a_moment_was_is_said_in_its_largest_unit(call: Any, seconds: float, said: str) -> None:
    assert (
        call(
            "common/times", f"m.agoText('2026-03-01T12:00:00Z', Date.parse('2026-03-01T12:00:00Z') + {seconds} * 1000)"
        )
        == said
    )


def test_a_moment_of_another_day_says_which(call: Any) -> None:
    noon = "'2026-03-01T12:00:00Z', 'UTC', Date.parse('2026-03-0%dT18:00:00Z')"
    today, earlier = (call("common/times", f"m.timeText({noon % day})") for day in (1, 2))
    assert earlier.endswith(f" {today}")
    assert today.startswith("12:00:00")
    assert today.endswith("UTC")


TRIED = """{
  tries: 2, triesAllowed: 3, tried: [[1000, 1500]], failedTries: ["E: no"], begun: 3100, entered: 1000,
  status: "FAILED", ended: 3500, failed: 3500, error: "E: still no", nextTry: 6500,
}"""


@pytest.mark.parametrize(
    ("changed", "now", "last"),
    [
        ("{}", 3600, "try 2 of 3: failed after 400 ms (E: still no), next in 2.90 s"),
        ("{}", 9000, "try 2 of 3: failed after 400 ms (E: still no), next in 0.00 s"),
        ("{ status: 'RUNNING', ended: null, failed: null, nextTry: null }", 3600, "try 2 of 3: goes on for 500 ms"),
        (
            "{ status: 'SUCCEEDED', ended: 4100, failed: null, nextTry: null }",
            9000,
            "try 2 of 3: succeeded after 1.00 s",
        ),
    ],
)
def test_the_tries_of_a_state_are_told_with_their_back_off_and_the_next(
    call: Any, changed: str, now: int, last: str
) -> None:
    said = call("run/tries", f"m.triesText({{ running: true }}, {{ ...{TRIED}, ...{changed} }}, {now})")
    assert said == ["try 1 of 3: failed after 500 ms (E: no), back-off 1.60 s", last]


def test_about_when_lambda_tries_again_is_counted_down(call: Any) -> None:
    texts = "[m.nextText(null, 0), m.nextText(6500, 3600), m.nextText(6500, 6501)]"
    assert call("run/tries", texts) == [None, "in about 3 s", "at any moment"]


@pytest.mark.parametrize(
    ("now", "said"), [(3_000, "in 8.00 s without a heartbeat"), (60_000, "10.0 s after the last heartbeat")]
)
def test_a_heartbeat_is_counted_down_until_the_first_was_due(call: Any, now: int, said: str) -> None:
    story = f"{{ running: true, ended: {now}, pendingByState: new Map([[7, {{ heartbeat: 10 }}]]) }}"
    assert call("run/tries", f"m.heartbeatText({story}, {{ id: 7, begun: 1000, entered: 0 }})") == said
    assert call("run/tries", f"m.heartbeatText({story}, {{ id: 8, begun: 1000, entered: 0 }})") is None


def test_a_state_that_is_tried_once_has_no_tries_to_tell(call: Any) -> None:
    state = "{ tries: 1, tried: [], nextTry: null, entered: 0, exited: 9, failed: null }"
    assert call("run/tries", f"m.triesText({{ running: true }}, {state}, 10)") == []


def test_the_lines_of_a_state_are_found_in_its_definition_and_not_those_of_what_is_called_like_it(call: Any) -> None:
    definition = """{
      StartAt: "A",
      States: { M: { Parameters: { A: { B: 1 } }, States: {} }, A: { Type: "Pass", End: true }, B: {} },
    }"""
    lines = f"JSON.stringify({definition}, null, 2).split('\\n')"
    found = call(
        "run/definition",
        f"(() => {{ const {{ first, last }} = m.linesOf({lines}, 'A'); return {lines}.slice(first, last); }})()",
    )
    assert [line.strip() for line in found] == ['"A": {', '"Type": "Pass",', '"End": true', "},"]
    assert call("run/definition", f"m.linesOf({lines}, 'none')") == {"first": 0, "last": 0}
    assert call("run/definition", f"m.linesOf({lines}, null)") == {"first": 0, "last": 0}


def test_the_critical_path_is_summed_up_by_what_time_was_spent_on(call: Any) -> None:
    spans = "[['work', 0, 30], ['back-off', 30, 80], ['work', 80, 100]]"
    segments = f"{spans}.map(([kind, began, ended]) => ({{ kind, began, ended }}))"
    assert call("run/path", f"m.spentByKind({segments})") == [
        {"kind": "work", "took": 50, "share": 0.5},
        {"kind": "back-off", "took": 50, "share": 0.5},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "-9007199254740993",
        '{"id":9007199254740993,"ids":[1,18446744073709551615],"text":"9007199254740993"}',
        '{"seconds":0.1234567890123456,"count":12}',
        "null",
    ],
)
def test_json_is_written_with_the_digits_that_were_read(call: Any, text: str) -> None:
    assert call("common/json", f"JSON.stringify(m.parseJson({text!r}))") == text
