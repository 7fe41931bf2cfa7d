"""Waits for traces, which can be read a moment after the answer of their request."""

from __future__ import annotations

import asyncio

from tests.support.browser import Visit

WAIT_SECONDS = 100


async def until_traced(visited: Visit, trace_id: str) -> None:
    """Returns when a trace can be read; fails after ten seconds."""
    for _ in range(WAIT_SECONDS):
        status, _body = await visited.get(f"/traces/api/trace/{trace_id}")
        if status == 200:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"trace {trace_id} did not arrive")


async def until_listed(visited: Visit, operation: str) -> str:
    """The id of the newest trace of an operation; fails when there is none after ten seconds."""
    for _ in range(WAIT_SECONDS):
        _status, listed = await visited.get(f"/traces/api/list?operation={operation}")
        if listed["traces"]:
            return str(listed["traces"][0]["traceId"])
        await asyncio.sleep(0.1)
    raise AssertionError(f"no trace of {operation} arrived")
