"""What ResultWriter writes: the results of a Map Run's children, by their status, and a manifest that names the files.

LocalStack 4.14.0 writes a manifest without files.
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.api.stepfunctions import ExecutionStatus, HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.result_writer.resource_eval import (  # noqa: E501
    resource_eval_s3 as writing,
)

FAILED = "States.ResultWriterFailed"
FILES = {"SUCCEEDED": {ExecutionStatus.SUCCEEDED}, "FAILED": {ExecutionStatus.FAILED}, "PENDING": set()}


def write_results() -> None:
    """Write the results, and name them in the manifest."""
    writing.ResourceEvalS3._handle_put_object = staticmethod(_put_results)


def transform(children: dict[int, Any], how: str) -> list[Any]:
    """The results of a Map Run's children, in the order of their items.

    Args:
        children: The children, by the number of their item.
        how: NONE for all there is to say of a child, COMPACT for its output, FLATTEN for the elements of its output.
    """
    results: list[Any] = []
    for number in sorted(children):
        child = children[number]
        if how == "NONE":
            results.append(child.described())
        elif how == "FLATTEN" and isinstance(child.output, list):
            results.extend(child.output)
        else:
            results.append(child.result())
    return results


def _put_results(env: Any, resource_runtime_part: Any, state_credentials: Any) -> None:
    parameters = env.stack.pop()
    env.stack.pop()
    run, config = env.branch.map_run, env.branch.state.fields.writer
    client = writing.ResourceEvalS3._get_s3_client(
        resource_runtime_part=resource_runtime_part, state_credentials=state_credentials
    )
    prefix = parameters.get("Prefix", "")
    folder = f"{prefix}/".lstrip("/") if prefix and not prefix.endswith("/") else prefix
    folder += run.map_run_arn.rpartition(":")[2]
    try:
        key = _write(client, parameters["Bucket"], folder, run, config)
    except (BotoCoreError, ClientError) as error:
        raise _failure(env, str(error)) from error
    details = {"Bucket": parameters["Bucket"], "Key": key}
    env.stack.append({"MapRunArn": run.map_run_arn, "ResultWriterDetails": details})


def _write(client: Any, bucket: str, folder: str, run: Any, config: dict[str, Any]) -> str:
    ending = "jsonl" if config.get("OutputType") == "JSONL" else "json"
    files: dict[str, list[Any]] = {name: [] for name in ("FAILED", "PENDING", "SUCCEEDED")}
    for name, statuses in FILES.items():
        children = {number: child for number, child in run.children.items() if child.status in statuses}
        if not children:
            continue
        results = transform(children, config.get("Transformation", "NONE"))
        texts = [json.dumps(result, separators=(",", ":"), ensure_ascii=False) for result in results]
        body = ("\n".join(texts) if ending == "jsonl" else f"[{','.join(texts)}]").encode()
        key = f"{folder}/{name}_0.{ending}"
        client.put_object(Bucket=bucket, Key=key, Body=body)
        files[name].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": bucket, "MapRunArn": run.map_run_arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode())
    return key


def _failure(env: Any, cause: str) -> FailureEventException:
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(FAILED),
            event_type=HistoryEventType.MapRunFailed,
            event_details={"mapRunFailedEventDetails": {"error": FAILED, "cause": cause}},
        )
    )
