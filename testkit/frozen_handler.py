"""A function's own handler, for which all that is random comes out of a seed: put into its package, and run in Lambda.

Frozen are `random`, also generators that were made without a seed, `secrets`, `uuid4` and `os.urandom`. The time is
not: requests are signed with it.
"""

import importlib
import json
import os
import random
import weakref
from typing import Any

MODULE_VARIABLE = "FROZEN_MODULE"
SEED_VARIABLE = "FROZEN_SEED"
ITEM_VARIABLE = "ITEM_KEY"


class Randomness:
    """All that is random in this process.

    Args:
        seed: What it comes out of until the first event.
    """

    def __init__(self, seed: str) -> None:
        self._bytes = random.Random(seed)  # noqa: S311 - to be the same each time is what it is for
        self._unseeded: weakref.WeakSet[random.Random] = weakref.WeakSet()
        self._start = seed

    def freeze(self) -> None:
        """Take the place of what the machine has."""
        seed = random.Random.seed

        def remember(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401
            if a is None:
                self._unseeded.add(generator)
            seed(generator, self._start if a is None else a, version)

        random.Random.seed = remember  # type: ignore[assignment, method-assign]
        os.urandom = random._urandom = self._bytes.randbytes  # type: ignore[attr-defined]

    def begin(self, seed: str) -> None:
        """Begin anew."""
        for generator in (self._bytes, *self._unseeded):
            generator.seed(seed)
        random.seed(seed)


def lambda_handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - as the handler has them
    """Handle the event: the same for the same item, however often and in whatever order."""
    detail = event.get("detail") or {}
    item = detail.get(os.environ[ITEM_VARIABLE])
    randomness.begin(json.dumps([os.environ[SEED_VARIABLE], context.function_name, item]))
    return handle(event, context)


if MODULE_VARIABLE in os.environ:
    randomness = Randomness(os.environ[SEED_VARIABLE])
    randomness.freeze()
    # Only now: what it makes when it is imported is to be frozen, too.
    handle = importlib.import_module(os.environ[MODULE_VARIABLE]).lambda_handler
