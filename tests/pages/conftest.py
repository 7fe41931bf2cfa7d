"""Servers for the tests of /browse, in this process: of a small catalogue, and of the demo's movies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest_asyncio
from playwright.async_api import Browser

from database.connect_args import ConnectArgs
from tests.support.browsing import Browsing, browsing, fill, learn
from tests.support.databases import clone, drop
from tests.support.in_process import serving_in_process


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def small_catalogue(server_url: str, prefix: str, template: str) -> AsyncIterator[ConnectArgs]:
    """Its database."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    args = await clone(server_url, template, name)
    connection = await asyncpg.connect(**args.kwargs())
    try:
        await fill(connection)
        await learn(args, connection)
    finally:
        await connection.close()
    yield args
    await drop(server_url, name)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def small_server(small_catalogue: ConnectArgs) -> AsyncIterator[str]:
    """The address of a server over it."""
    async with serving_in_process(small_catalogue, trace_pages=False) as served:
        yield f"http://127.0.0.1:{served.port}"


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def demo_server(demo: ConnectArgs) -> AsyncIterator[str]:
    """The address of a server over the demo's movies."""
    async with serving_in_process(demo, trace_pages=False) as served:
        yield f"http://127.0.0.1:{served.port}"


@pytest_asyncio.fixture(loop_scope="session")
async def browse(browser: Browser, small_server: str) -> AsyncIterator[Browsing]:
    """A window for /browse over it."""
    async with browsing(browser, small_server) as opened:
        yield opened
