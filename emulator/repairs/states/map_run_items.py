"""What the children of a Map Run work on: the items that are selected or read, one by one or in batches.

LocalStack 4.14.0 reads the first thousand keys of a bucket, with times that are no JSON, and knows JSON and CSV with
commas. What it cannot read fails as States.Runtime; AWS calls it States.ItemReaderFailed.
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

import csv
import functools
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_reader.resource_eval import (
    resource_eval_s3 as reading,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_reader.resource_eval.resource_output_transformer import (  # noqa: E501
    resource_output_transformer_csv as transforming_csv,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.item_reader.resource_eval.resource_output_transformer import (  # noqa: E501
    resource_output_transformer_json as transforming_json,
)

READER_FAILED = "States.ItemReaderFailed"
DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
BATCH_BYTES = 262_144


def read_all_items() -> None:
    """List whole buckets, and read JSON Lines and CSV with any of AWS's delimiters."""
    reading.ResourceEvalS3._handle_list_objects_v2 = staticmethod(_list_objects)
    for kind, transform in (
        (transforming_csv.ResourceOutputTransformerCSV, _with_commas),
        (transforming_json.ResourceOutputTransformerJson, _as_array),
    ):
        kind._eval_body = _transforming(kind._eval_body, transform)


def read_items(env: Any, given: Any) -> tuple[list[Any], list[int]]:
    """What the children of a Map Run are given, and how many items each of them has.

    Args:
        env: Where the Map runs.
        given: What LocalStack found out about it.

    Raises:
        FailureEventException: The items cannot be read, or their selector or batches fail.
    """
    fields = env.branch.state.fields
    items = _read(env, given.item_reader) if given.item_reader else given.input_items
    selected = list(_select(env, given.item_selector or given.parameters, items))
    if fields.limits is None:
        return selected, [1] * len(selected)
    batches = list(_batches(selected, _evaluate(env, fields.limits)))
    more = {} if fields.batch_input is None else {"BatchInput": _evaluate(env, fields.batch_input)}
    return [more | {"Items": batch} for batch in batches], [len(batch) for batch in batches]


def _read(env: Any, reader: Any) -> Any:
    try:
        reader.eval(env=env)
    except FailureEventException:
        raise
    except (BotoCoreError, ClientError, ValueError, LookupError, csv.Error) as error:
        raise _failure(env, str(error)) from error
    return env.stack.pop()


def _failure(env: Any, cause: str) -> FailureEventException:
    details = {"error": READER_FAILED, "cause": cause}
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(READER_FAILED),
            event_type=HistoryEventType.MapRunFailed,
            event_details={"mapRunFailedEventDetails": details},
        )
    )


def _select(env: Any, selector: Any, items: list[Any]) -> Iterator[Any]:
    """The items as the selector makes them."""
    if selector is None:
        yield from items
        return
    given = env.states.get_input()
    for number, item in enumerate(items):
        frame = env.open_inner_frame()
        frame.states.context_object.context_object_data["Map"] = {"Item": {"Index": number, "Value": item}}
        frame.states.reset(input_value=given)
        frame.stack.append(frame.states.get_input())
        selector.eval(frame)
        yield frame.stack.pop()
        env.delete_frame(frame)


def _evaluate(env: Any, template: Any) -> Any:
    env.stack.append(env.states.get_input())
    template.eval(env)
    return env.stack.pop()


def _batches(items: list[Any], limits: dict[str, Any]) -> Iterator[list[Any]]:
    most_items = int(limits.get("MaxItemsPerBatch") or len(items) or 1)
    most_bytes = int(limits.get("MaxInputBytesPerBatch") or BATCH_BYTES)
    batch: list[Any] = []
    size = 0
    for item in items:
        length = len(json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode()) + 1
        if batch and (len(batch) >= most_items or size + length > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _list_objects(env: Any, resource_runtime_part: Any, state_credentials: Any) -> None:
    client = reading.ResourceEvalS3._get_s3_client(
        resource_runtime_part=resource_runtime_part, state_credentials=state_credentials
    )
    pages = client.get_paginator("list_objects_v2").paginate(**env.stack.pop())
    listed = [item for page in pages for item in page.get("Contents", [])]
    env.stack.append(json.loads(json.dumps(listed, default=_seconds)))


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _transforming(eval_transformer: Any, transform: Any) -> Any:
    @functools.wraps(eval_transformer)
    def transform_and_eval(transformer: Any, env: Any) -> None:
        fields = env.branch.state.fields.reader
        if fields:
            env.stack[-2] = transform(env.stack[-2], fields)
        eval_transformer(transformer, env)

    return transform_and_eval


def _with_commas(text: str, fields: dict[str, Any]) -> str:
    delimiter = DELIMITERS[fields.get("CSVDelimiter", "COMMA")]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join(lines)


def _as_array(text: str, fields: dict[str, Any]) -> str:
    """JSON Lines as an array; of JSON, what the pointer points to."""
    if fields.get("InputType") == "JSONL":
        return json.dumps([json.loads(line) for line in text.split("\n") if line.strip()])
    value = json.loads(text)
    for part in fields.get("ItemsPointer", "").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return json.dumps(value)
