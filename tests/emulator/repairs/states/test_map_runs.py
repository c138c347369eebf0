"""Distributed Maps: what they are given, what they tolerate, what they write."""

import json
from typing import Any

import pytest

from tests.emulator.repairs.states.conftest import Machines, program, unique

PASS = {"Type": "Pass", "End": True}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
GET_OBJECT, LIST_OBJECTS = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"
# Items above two fail.
PICKY = program(
    {"Type": "Choice", "Choices": [{"Variable": "$", "NumericGreaterThan": 2, "Next": "Q"}], "Default": "R"},
    {"Type": "Fail", "Error": "Large", "Cause": "on purpose"},
    PASS,
    names="PQR",
)


def map_of(inner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A distributed Map."""
    return {"Type": "Map", "ItemProcessor": (inner or program(PASS, names="P")) | DISTRIBUTED, "End": True} | more


def output(ended: Any) -> Any:
    assert ended["status"] == "SUCCEEDED", ended
    return json.loads(ended["output"])


def run_of(machines: Machines, ended: Any) -> Any:
    (run,) = machines.api.list_map_runs(executionArn=ended["executionArn"])["mapRuns"]
    return machines.api.describe_map_run(mapRunArn=run["mapRunArn"])


@pytest.fixture
def bucket(machines: Machines) -> Any:
    name = unique("bucket")
    machines.s3.create_bucket(Bucket=name)
    yield name
    for page in machines.s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for found in page.get("Contents", []):
            machines.s3.delete_object(Bucket=name, Key=found["Key"])
    machines.s3.delete_bucket(Bucket=name)


def test_children_may_be_express(machines: Machines) -> None:
    state = map_of()
    state["ItemProcessor"] |= {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    assert output(machines.run(state, given=[1, 2])) == [1, 2]


def test_a_label_is_taken_as_it_is_written(machines: Machines) -> None:
    execution = machines.start(machines.make(map_of(Label="größe")), [1])
    assert machines.end(execution)["status"] == "SUCCEEDED"
    (run,) = machines.api.list_map_runs(executionArn=execution)["mapRuns"]
    assert "/größe:" in run["mapRunArn"]
    with pytest.raises(machines.api.exceptions.InvalidDefinition, match="Label contains invalid character"):
        machines.make(map_of(Label="a\\"))


@pytest.mark.parametrize(
    ("batcher", "expected"),
    [
        ({"MaxItemsPerBatch": 2}, [{"Items": [1, 2]}, {"Items": [3]}]),
        ({"MaxItemsPerBatchPath": "$.size"}, [{"Items": [1, 2]}, {"Items": [3]}]),
        ({"MaxInputBytesPerBatch": 4}, [{"Items": [1, 2]}, {"Items": [3]}]),
        (
            {"MaxItemsPerBatch": 3, "BatchInput": {"factor.$": "$.size", "kind": "x"}},
            [{"BatchInput": {"factor": 2, "kind": "x"}, "Items": [1, 2, 3]}],
        ),
    ],
)
def test_items_come_in_batches(machines: Machines, batcher: dict[str, Any], expected: Any) -> None:
    state = map_of(ItemsPath="$.items", ItemBatcher=batcher)
    assert output(machines.run(state, given={"items": [1, 2, 3], "size": 2})) == expected


def test_they_are_selected_before(machines: Machines) -> None:
    selector = {"n.$": "$$.Map.Item.Value", "of.$": "$.size"}
    state = map_of(ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatch": 2}, ItemSelector=selector)
    ended = machines.run(state, given={"items": [1], "size": 2})
    assert output(ended) == [{"Items": [{"n": 1, "of": 2}]}]


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        ({"InputType": "JSON"}, '[1, "grün"]', [1, "grün"]),
        ({"InputType": "JSONL"}, '{"a": 1}\n{"a": "grün"}\n\n', [{"a": 1}, {"a": "grün"}]),
        ({"InputType": "JSONL"}, '{"a": "x\u2028y"}\r\n{"a": "\u0085"}', [{"a": "x\u2028y"}, {"a": "\u0085"}]),
        ({"InputType": "JSON", "ItemsPointer": "/data/items"}, '{"data": {"items": [1]}}', [1]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 2},
            'a,b\n1,"x, y"\n2,z\n3,-\n',
            [{"a": "1", "b": "x, y"}, {"a": "2", "b": "z"}],
        ),
        (
            {
                "InputType": "CSV",
                "CSVHeaderLocation": "GIVEN",
                "CSVHeaders": ["a", "b"],
                "CSVDelimiter": "SEMICOLON",
            },
            '1;"x;y"\n2;z,\u2028z\n',
            [{"a": "1", "b": "x;y"}, {"a": "2", "b": "z,\u2028z"}],
        ),
    ],
)
def test_items_are_read(machines: Machines, bucket: str, config: dict[str, Any], text: str, expected: Any) -> None:
    machines.s3.put_object(Bucket=bucket, Key="items", Body=text.encode())
    reader = {"Resource": GET_OBJECT, "ReaderConfig": config, "Parameters": {"Bucket": bucket, "Key": "items"}}
    assert output(machines.run(map_of(ItemReader=reader))) == expected


def test_an_empty_bucket_has_no_items(machines: Machines, bucket: str) -> None:
    reader = {"Resource": LIST_OBJECTS, "Parameters": {"Bucket": bucket}}
    assert output(machines.run(map_of(ItemReader=reader))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"ItemBatcher": {"MaxItemsPerBatch": 2}},
        {"ToleratedFailureCount": 1, "ItemProcessor": program({"Type": "Fail", "Error": "E"}, names="F") | DISTRIBUTED},
    ],
)
def test_what_is_listed_of_a_bucket_can_be_written(machines: Machines, bucket: str, more: dict[str, Any]) -> None:
    machines.s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    reader = {"Resource": LIST_OBJECTS, "Parameters": {"Bucket": bucket}}
    (result,) = output(machines.run(map_of(ItemReader=reader, **more)))
    (item,) = result.get("Items") or [json.loads(result["Input"])]
    assert (item["Key"], item["Size"]) == ("one", 1)
    stored = machines.s3.head_object(Bucket=bucket, Key="one")["LastModified"]
    assert item["LastModified"] == int(stored.timestamp())


def test_items_that_cannot_be_read_fail_by_their_name(machines: Machines, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "gone"}
    reader = {"Resource": GET_OBJECT, "ReaderConfig": {"InputType": "JSON"}, "Parameters": where}
    ended = machines.run(map_of(ItemReader=reader))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert machines.types(ended["executionArn"])[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 90}, "FAILED"),
    ],
)
def test_as_many_failures_are_tolerated_as_it_says(machines: Machines, tolerated: Any, status: str) -> None:
    ended = machines.run(map_of(PICKY, MaxConcurrency=1, **tolerated), given=[1, 3, 2, 4])
    assert ended["status"] == status
    if status == "FAILED":
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"
        assert ended["cause"] == "The specified tolerated failure threshold was exceeded"
        assert run_of(machines, ended)["status"] == "FAILED"
        return
    results = json.loads(ended["output"])
    assert [results[0], results[2]] == [1, 2]
    assert [(results[n]["Status"], results[n]["Error"], results[n]["Input"]) for n in (1, 3)] == [
        ("FAILED", "Large", "3"),
        ("FAILED", "Large", "4"),
    ]
    run = run_of(machines, ended)
    for counts in (run["itemCounts"], run["executionCounts"]):
        assert (counts["total"], counts["succeeded"], counts["failed"], counts["running"]) == (4, 2, 2, 0)


def test_the_history_of_the_parent_tells_of_the_run_only(machines: Machines) -> None:
    ended = machines.run(map_of(), given=[1, 2])
    assert machines.types(ended["executionArn"]) == [
        *("ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded"),
        *("MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"),
    ]


def test_results_are_written_by_status_with_a_manifest(machines: Machines, bucket: str) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": "out"}}
    ended = machines.run(map_of(PICKY, ResultWriter=writer, ToleratedFailureCount=9), given=[1, 3])
    told = output(ended)
    folder = f"out/{told['MapRunArn'].rpartition(':')[2]}"
    assert told["ResultWriterDetails"] == {"Bucket": bucket, "Key": f"{folder}/manifest.json"}

    def read(key: str) -> Any:
        return json.load(machines.s3.get_object(Bucket=bucket, Key=key)["Body"])

    files = read(f"{folder}/manifest.json")["ResultFiles"]
    assert [entry["Key"] for entry in files["SUCCEEDED"]] == [f"{folder}/SUCCEEDED_0.json"]
    assert files["PENDING"] == []
    (succeeded,), (failed,) = (read(files[status][0]["Key"]) for status in ("SUCCEEDED", "FAILED"))
    assert (succeeded["Input"], succeeded["Output"], succeeded["Status"]) == ("1", "1", "SUCCEEDED")
    assert (failed["Input"], failed["Error"], failed["Cause"]) == ("3", "Large", "on purpose")


def test_results_can_be_flattened(machines: Machines) -> None:
    state = map_of(ResultWriter={"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}})
    assert output(machines.run(state, given=[[1], [2, 3]])) == [1, 2, 3]


def test_a_redrive_goes_on_with_the_children_that_failed(machines: Machines) -> None:
    state = map_of(program(machines.task(), names="P"), MaxConcurrency=1)
    execution = machines.start(machines.make(state), ["a", "b"])
    machines.api.send_task_success(taskToken=machines.token(), output="1")
    machines.api.send_task_failure(taskToken=machines.token(), error="Broken")
    assert machines.end(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    machines.api.redrive_execution(executionArn=execution)
    machines.api.send_task_success(taskToken=machines.token(), output="2")
    ended = machines.end(execution)
    assert output(ended) == [1, 2]
    assert machines.types(execution)[-6:] == [
        *("ExecutionRedriven", "MapRunRedriven", "MapRunSucceeded"),
        *("MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"),
    ]
    counts = run_of(machines, ended)["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["total"]) == (2, 0, 2)


def test_its_children_are_stopped_with_it(machines: Machines) -> None:
    execution = machines.start(machines.make(map_of(program(machines.task(), names="P"))), [1, 2])
    tokens = [machines.token(), machines.token()]
    machines.api.stop_execution(executionArn=execution)
    assert machines.end(execution)["status"] == "ABORTED"
    for token in tokens:
        with pytest.raises(machines.api.exceptions.TaskTimedOut):
            machines.api.send_task_success(taskToken=token, output="1")
