"""What graphql-core offers resolvers for work of their own beside their value."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from graphql.pyutils import is_awaitable
from graphql.pyutils.gather_with_cancel import gather_with_cancel
from graphql.type.definition import GraphQLResolveInfoHelpers

from engine.runs.futures import ignore_exception

TRACKED: set[asyncio.Future[Any]] = set()


async def gather(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    """Awaits all; when one fails the others are cancelled."""
    return list(await gather_with_cancel(*awaitables))


def track(values: Sequence[Any]) -> None:
    """Lets awaitables run to their end beside the operation, whose answer does not wait for them."""
    for value in values:
        if is_awaitable(value):
            task = asyncio.ensure_future(value)
            TRACKED.add(task)
            task.add_done_callback(TRACKED.discard)
            task.add_done_callback(ignore_exception)


HELPERS = GraphQLResolveInfoHelpers(gather, track)
