"""The peak memory of a process that imports, as `make bench-import` measures it: less than 80 MB, for any number."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import orjson
import pytest

from app.settings import CHECKOUT
from database.connect_args import ConnectArgs
from tests.support.factories import add_library

MAX_BYTES = 80e6

pytestmark = pytest.mark.benchmark


@pytest.mark.parametrize("items", [2_500, 10_000])
async def test_an_import_takes_less_than_80_megabytes(writer: ConnectArgs, connection: Any, items: int) -> None:
    await add_library(connection, kind=None)

    command = [sys.executable, "-m", "bench.importing.child", writer.dsn, str(items)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)

    found = orjson.loads(done.stdout)
    assert found["created"] == items
    assert found["memory"] < MAX_BYTES
