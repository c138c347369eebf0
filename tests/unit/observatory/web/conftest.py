"""The application over a recorded run."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from observatory.web.app import application
from tests.unit.observatory.recordings import Recording


@pytest.fixture
def recording() -> Recording:
    return Recording("succeeded")


@pytest.fixture
def browser(recording: Recording) -> Iterator[TestClient]:
    """Asks as a browser does that shows one of the pages."""
    headers = {"origin": "http://localhost:8080"}
    with TestClient(application(recording.clients), base_url="http://localhost:8080", headers=headers) as client:
        yield client
