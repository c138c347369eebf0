"""What Docker does on this machine meanwhile disturbs no page."""

import threading
import uuid

import pytest
from docker.errors import DockerException
from playwright.sync_api import Page

import docker

# More requests than a browser has connections to one server, so that some always wait for theirs.
ASK_ALL_TOGETHER = """async (url) => {
  await Promise.all(Array.from({ length: 20 }, () => fetch(url, { cache: "no-store" })));
}"""


def make_networks() -> None:
    client = docker.from_env()
    for _time in range(2):
        client.networks.create(f"sandbox-test-{uuid.uuid4().hex[:8]}").remove()


def test_a_page_loses_no_request_when_docker_makes_a_network(page: Page, url: str) -> None:
    try:
        docker.from_env().ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")
    page.goto(url)
    making = threading.Thread(target=make_networks)
    making.start()
    while making.is_alive():
        page.evaluate(ASK_ALL_TOGETHER, f"{url}static/icon.svg")
