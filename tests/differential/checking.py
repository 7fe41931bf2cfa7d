"""Goes through generated operations, and shows the first disagreement in its smallest form."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from engine.documents.document import Invalid
from tests.differential.operations import Operation
from tests.differential.shrinking import shrink

Differ = Callable[[str, Mapping[str, Any], str | None], Awaitable[list[str]]]

# How many operations are generated in all; the nightly run sets 5000.
OPERATIONS = int(os.environ.get("MARQUEE_DIFFERENTIAL", "500"))
BLOCK = 25  # operations in one test


def blocks(share: float) -> list[range]:
    """The seeds of a share of all operations, in blocks of one test each."""
    last = round(OPERATIONS * share)
    return [range(start, min(start + BLOCK, last)) for start in range(0, last, BLOCK)]


async def check(operation: Operation, seed: int, differ: Differ) -> None:
    """AssertionError where the engines disagree on an operation with any of its variables."""
    for variables in operation.variables:
        if await differ(operation.text, variables, operation.name):
            raise AssertionError(await explained(operation, variables, seed, differ))


async def explained(operation: Operation, variables: Mapping[str, Any], seed: int, differ: Differ) -> str:
    """The disagreement on the smallest operation that still shows one."""

    async def fails(text: str) -> bool:
        try:
            return bool(await differ(text, variables, operation.name))
        except Invalid:
            return False

    text = await shrink(operation.text, fails)
    words = "\n".join(await differ(text, variables, operation.name))
    return f"seed {seed}, variables {dict(variables)!r}:\n{text}\n{words}"
