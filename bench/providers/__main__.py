"""`python -m bench.providers`: measures outside services and writes docs/benchmarks-providers.md.

With `--without-refresh` it leaves out the run that refreshes 10,000 media; `python -m bench.providers refresh` makes
that alone, and prints it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from rich.console import Console

from app.settings import CHECKOUT
from bench.machine import machine
from bench.providers import cache, limits, metadata, refresh
from bench.report import markdown_table
from database.connect_args import ConnectArgs
from tests.support.databases import TestServer, clone, make_folder, shared

DOCUMENT = CHECKOUT / "docs" / "benchmarks-providers.md"

INTRODUCTION = """# Benchmarks of outside services

`make bench-providers` makes this file. Services are local servers over real sockets. Absolute figures are those of one
machine, and of what else it did."""

CACHE = f"""## The cache

An answer of {cache.VALUE} bytes that is kept, asked for {cache.HITS:,} times: wanted below 1 ms. {cache.MISSES} misses,
{cache.AT_ONCE} at once, of a service that answers after {cache.LATENCY * 1000:.0f} ms: wanted 95 % below 500 ms. Then
{cache.REQUESTS:,} requests for {cache.KEYS:,} keys by Zipf's law (s = {cache.SKEW}) with a bound of {cache.ENTRIES:,}
entries, of which the second half counts. The best possible is a cache that always holds the {cache.ENTRIES:,} most
frequent keys; wanted at least 75 % of it. Bytes: of this load, and of one that the bound of bytes holds back."""

LIMITS = f"""## Limits

{limits.PROCESSES} processes that have more to ask than the limit lets them, by one row of PostgreSQL. Wanted: never
more calls in any window than the limit, and at least 95 % of it. The window is taken 3 % longer than it is, so that
what is under way for longer comes into no other one: 97.1 % is the most that can be reached."""

LOOKUP = f"""## Looking up

`lookup` over GraphQL, {metadata.LOOKUPS} titles that are not kept, {metadata.AT_ONCE} at once, of a service that
answers after {metadata.LATENCY * 1000:.0f} ms: wanted 95 % below 400 ms."""

REFRESH = f"""## Refreshing many media

A run of `refresh_metadata` over {refresh.MEDIA:,} films, within {refresh.LIMIT.calls:,} calls in
{refresh.LIMIT.seconds:g} seconds. Its worker's process is killed in the middle, and another one goes on. Wanted: never
more calls in any window than the limit, and nothing called again whose answer was kept. What was under way is called
again."""

console = Console()


async def nothing(connection: object) -> None:
    pass


async def measure_all(server: TestServer, has_refresh: bool) -> list[str]:
    parts = [INTRODUCTION, markdown_table(("", ""), [list(row) for row in machine()[:-1]])]
    found: list[tuple[str, Sequence[str], list[list[str]]]] = [
        (CACHE, cache.COLUMNS, await cache.measure_caches(await database(server, "cache"))),
        (LOOKUP, ("median ms", "95 % ms"), [await lookup_row(await database(server, "lookup"))]),
        (LIMITS, limits.COLUMNS, await limits.measure_limits(await database(server, "limits"))),
        *([await measure_refreshing(server)] if has_refresh else []),
    ]
    for words, columns, rows in found:
        parts += [words, markdown_table(columns, rows)]
        console.print(parts[-1], markup=False)
    return parts


async def measure_refreshing(server: TestServer) -> tuple[str, Sequence[str], list[list[str]]]:
    return REFRESH, refresh.COLUMNS, [await refresh.measure_refresh(await database(server, "refresh"))]


async def database(server: TestServer, purpose: str) -> ConnectArgs:
    name = f"{server.prefix}_template"
    await shared(server.url, name, nothing)
    return await clone(server.url, name, f"{server.prefix}_{purpose}")


async def lookup_row(args: ConnectArgs) -> list[str]:
    middle, slow = await metadata.lookup_milliseconds(args)
    return [f"{middle:.0f}", f"{slow:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.providers", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["all", "refresh"], default="all")
    parser.add_argument("--without-refresh", action="store_true")
    given = parser.parse_args()
    server = TestServer(make_folder())
    try:
        if given.what == "refresh":
            _, columns, rows = asyncio.run(measure_refreshing(server))
            console.print(markdown_table(columns, rows), markup=False)
            return
        parts = asyncio.run(measure_all(server, not given.without_refresh))
    finally:
        asyncio.run(server.drop_all())
        server.stop()
    DOCUMENT.write_text("\n\n".join(part.strip() for part in parts) + "\n")


if __name__ == "__main__":
    main()
