"""Queue URLs are found in what can be one, and looked for in nothing else."""

import time

import pytest
from localstack.services.sqs import utils

from emulator.repairs.queue_urls import EXPRESSIONS, MAX_URL_CHARACTERS, look_for_short_queue_urls_only

QUEUE = "000000000000/queue.fifo"
MOST_SECONDS = 0.1


@pytest.fixture(autouse=True)
def repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EXPRESSIONS:
        monkeypatch.setattr(utils, name, getattr(utils, name))
    look_for_short_queue_urls_only()


@pytest.mark.parametrize(
    "url",
    [
        f"http://sqs.us-east-1.localhost.localstack.cloud:4566/{QUEUE}",
        f"http://us-east-1.queue.localhost.localstack.cloud:4566/{QUEUE}",
        f"http://localhost:4566/queue/us-east-1/{QUEUE}",
        f"http://localhost:4566/{QUEUE}",
        f"http://localhost:4566/000000000000/{'q' * 80}",
    ],
)
def test_a_queue_url_is_one(url: str) -> None:
    assert utils.is_sqs_queue_url(url)


@pytest.mark.parametrize("url", [f"/{QUEUE}", "/bucket/key", "/bucket/a:b", "http://localhost:4566/bucket/key"])
def test_what_has_no_account_or_no_port_is_none(url: str) -> None:
    assert not utils.is_sqs_queue_url(url)


@pytest.mark.parametrize("text", ["a" * 100_000, "a:" * 50_000, ":" + "a-" * (MAX_URL_CHARACTERS // 2 - 1)])
def test_whatever_is_sent_it_takes_no_time(text: str) -> None:
    began = time.thread_time()
    assert not utils.is_sqs_queue_url(text)
    assert time.thread_time() - began < MOST_SECONDS
