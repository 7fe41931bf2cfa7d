"""Imports in processes of their own, which a test kills: `python -m tests.support.killed_import DSN`.

For a line that it is sent it begins one in a copy of itself, so that no time goes by with loading modules. It prints
the process's id, the counts where the import comes to its end, and, after a second line, an empty one when the process
has ended."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import asdict
from random import Random
from typing import Any

import orjson

from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Silent
from catalog.importing.run import run_import
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED
from sources.source import Reading
from tests.support.importing import ListSource, movie, unreadable
from tests.support.upserting import WHEN

ITEMS = 400
PLAN = ImportPlan(1, "list", "killed", chunk=10, prunes=True)


def readings() -> list[Reading]:
    """Series with episodes, movies with all kinds of lists, what cannot be read, duplicates: the same every time."""
    random = Random(7)
    found: list[Reading] = []
    for number in range(ITEMS // 2):
        if number % 10 == 0:
            found.append(movie(f"s{number}", f"Series {number}", kind="SERIES"))
        parent, lists = f"s{number - number % 10}", full(random, number)
        numbers = {"season_number": 1, "episode_number": number}
        found.append(movie(f"e{number}", f"Episode {number}", parent=parent, kind="EPISODE", **numbers, tags=["x"]))
        found.append(movie(f"m{number}", f"Movie {number % 150}", year=1950 + number % 150 % 7, **lists))
        if number % 50 == 0:
            found.append(unreadable(f"line {number}"))
    return found


def full(random: Random, number: int) -> dict[str, Any]:
    return {
        "tags": [f"tag {random.randrange(30)}" for _ in range(3)],
        "credits": [{"person_id": f"Person {random.randrange(40)}", "role": "ACTOR"} for _ in range(3)],
        "collections": [{"collection_id": f"Box {random.randrange(5)}"}],
        "files": [{"path": f"/{number}", "size": number, "modified_at": WHEN, "hash": f"h{number}"}],
    }


async def import_all(dsn: str) -> None:
    source = ListSource(readings())
    async with open_session(ConnectArgs(dsn)) as session:
        counts = await run_import(session, UNRESTRICTED, source, PLAN, Silent())
    say(orjson.dumps(asdict(counts)).decode())


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main(dsn: str) -> None:
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            asyncio.run(import_all(dsn))
            os._exit(0)
        say(str(child))
        sys.stdin.readline()
        os.waitpid(child, 0)
        say("")


if __name__ == "__main__":
    main(sys.argv[1])
