"""The cache of providers from the command line: what there is, and clearing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.table import Table

from app.errors import StartError
from app.process.open_pool import create_connector
from app.provider_limits import cache_options
from app.settings import Settings
from database.connect_args import ConnectArgs
from providers.cache.cache import Cache
from providers.cache.open_cache import open_cache
from providers.cache.store import Selection

COLUMNS = ("entries", "active", "bytes", "hits", "misses", "evictions")


class CacheCommandError(StartError):
    """The back end does not answer."""


@asynccontextmanager
async def cache_of(args: ConnectArgs, settings: Settings) -> AsyncIterator[Cache]:
    cache = open_cache(cache_options(settings), create_connector(args, settings).open)
    try:
        yield cache
    finally:
        await cache.close()


async def show_statistics(args: ConnectArgs, settings: Settings, console: Console) -> None:
    """Raises CacheCommandError."""
    async with cache_of(args, settings) as cache:
        statistics = await cache.statistics()
    if not statistics.is_enabled:
        console.print("The cache is off: MARQUEE_CACHE_ENABLED is false.")
        return
    if not statistics.is_available:
        raise CacheCommandError(f"The cache cannot be read: {statistics.backend} does not answer.")
    table = Table("Namespace", "Provider", *(name.capitalize() for name in COLUMNS))
    for group in statistics.groups:
        table.add_row(*group.group, *(f"{getattr(group, name):,}" for name in COLUMNS))
    table.add_row("", "all", *(f"{statistics.total(name):,}" for name in COLUMNS))
    console.print(table)
    bounds = f"{statistics.max_entries:,} entries and {statistics.max_bytes:,} bytes"
    console.print(f"Kept in {statistics.backend}, at most {bounds}.", highlight=False)


async def clear_entries(args: ConnectArgs, settings: Settings, console: Console, selection: Selection) -> None:
    """Raises CacheCommandError."""
    async with cache_of(args, settings) as cache:
        try:
            number = await cache.clear(selection)
        except Exception as error:  # of a back end, of whatever class
            raise CacheCommandError(f"The cache cannot be cleared: {type(error).__name__}.") from error
    console.print(f"Entries cleared: {number}.", highlight=False)
