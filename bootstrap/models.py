"""The models that botocore makes clients from, read in half the time that it takes itself."""

import gzip
import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


class ModelFiles(JSONFileLoader):
    """Reads files into plain dicts, where botocore has its ordered ones."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read a file, compressed or not, if there is one.

        Args:
            file_path: Its path without an extension.
        """
        for path, open_file in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            with suppress(FileNotFoundError), open_file(path, "rb") as file:
                return json.load(file)
        return None


class Models(Loader):
    """Knows some services, where botocore looks through all its folders to say whether it knows one.

    Args:
        services: The names of those services.
    """

    FILE_LOADER_CLASS = ModelFiles

    def __init__(self, services: Collection[str]) -> None:
        super().__init__()
        self._services = sorted(services)

    def list_available_services(self, type_name: str) -> list[str]:
        """The names of the services that there is a model for."""
        return self._services
