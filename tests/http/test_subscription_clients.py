"""The npm clients graphql-ws and graphql-sse, in Node.js, against a server of this process."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.factories import add_row
from tests.support.in_process import serving_in_process

UI = Path(__file__).resolve().parents[2] / "ui"
PACKAGES = [UI / "node_modules" / name for name in ("graphql-ws", "graphql-sse", "ws")]
KEY = "a-key-of-sixteen-letters"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not all(path.is_dir() for path in PACKAGES), reason="no Node.js, or no `make ui`"
)


async def run_clients(url: str, *arguments: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        *("node", "tests/subscriptions.mjs", url, *arguments), cwd=UI, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(output)


@pytest.mark.parametrize("keys", [None, KEY])
async def test_the_clients_of_both_protocols_get_their_answers(
    writer: ConnectArgs, connection: Any, keys: str | None
) -> None:
    await add_row(connection, "job_run", type="scan", status="FAILED")
    async with serving_in_process(writer, keys=keys) as served:
        found = await run_clients(served.url, "job_run_1", *([keys] if keys else []))
    typename = [{"data": {"__typename": "Query"}}]
    progress = [{"data": {"jobProgress": {"status": "FAILED"}}}]
    refused, missing = [{"ended": ["GRAPHQL_VALIDATION_FAILED"]}], [{"ended": ["NOT_FOUND"]}]
    assert found["socket"] == [typename, refused, progress, missing]
    distinct = found["distinct"]
    assert (distinct[0], distinct[2]) == (typename, progress)
    assert [distinct[place][0]["errors"][0]["extensions"]["code"] for place in (1, 3)] == [
        "GRAPHQL_VALIDATION_FAILED",
        "NOT_FOUND",
    ]
    single = found["single"]
    assert (single[0], single[2]) == (typename, progress)
    assert "ended" in single[1][0]  # refused by the answer to its request
    assert single[3][0]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
