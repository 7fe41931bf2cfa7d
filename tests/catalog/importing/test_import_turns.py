"""An import lets others have their turn: the calls of functions within a turn of the event loop are counted."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from catalog.edit import LoopYield
from database.connect_args import ConnectArgs
from sources.source import SourceItem
from tests.support.factories import add_library
from tests.support.importing import movie, numbers, run

ITEMS = 500  # of one chunk
MAX_CALLS = 50_000  # of the 700,000 that storing them takes; in a chunk of 1,000 items it is about 25 ms


def items(title: str) -> list[SourceItem]:
    return [
        movie(
            f"k{number}",
            f"{title} {number}",
            tags=[f"tag {number * 7 % 50 + one}" for one in range(4)],
            credits=[{"person_id": f"Person {number * 11 % 300 + one}", "role": "ACTOR"} for one in range(10)],
            external_ids=[{"source": "imdb", "value": f"tt{number}"}],
        )
        for number in range(ITEMS)
    ]


@pytest.fixture
def calls_of_turns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """How many functions each call of the event loop has called, and what it was, from here on."""
    found: list[tuple[int, str]] = []
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    run_handle = asyncio.Handle._run

    def counted(self: asyncio.Handle) -> None:
        nonlocal count
        count = 0
        sys.setprofile(note)
        try:
            run_handle(self)
        finally:
            sys.setprofile(None)
        found.append((count, repr(self)))

    monkeypatch.setattr(asyncio.Handle, "_run", counted)
    return found


async def test_no_turn_does_more_than_a_part_of_a_chunk(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch, calls_of_turns: list[tuple[int, str]]
) -> None:
    await add_library(connection)
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 0.0)
    for given, wanted in (("A", (ITEMS, 0, 0, 0)), ("B", (0, ITEMS, 0, 0)), ("B", (0, 0, ITEMS, 0))):
        calls_of_turns.clear()
        assert numbers(await run(writer, items(given))) == wanted
        assert max(calls_of_turns) < (MAX_CALLS, "")
