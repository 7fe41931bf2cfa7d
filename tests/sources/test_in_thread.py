"""Blocking reading in threads: in order, bounded, and closed when it is left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from sources.formats import open_source
from sources.in_thread import BATCH, read_in_thread
from tests.support.reading import items_of, read_all


class Numbers:
    """Counts, and keeps what happens to it."""

    def __init__(self, most: int, error: Exception | None = None) -> None:
        self.given = 0
        self.threads: set[threading.Thread] = set()
        self.is_closed = False
        self._most = most
        self._error = error

    def make(self) -> Iterator[int | None]:
        try:
            while self.given < self._most:
                self.threads.add(threading.current_thread())
                self.given += 1
                yield self.given
                yield None
            if self._error is not None:
                raise self._error
        finally:
            self.is_closed = True


def reading(numbers: Numbers) -> AsyncGenerator[int, None]:
    found: AsyncIterator[int] = read_in_thread(numbers.make)
    return cast("AsyncGenerator[int, None]", found)


async def test_all_comes_in_order_from_other_threads() -> None:
    numbers = Numbers(BATCH * 3 + 1)
    assert [one async for one in reading(numbers)] == list(range(1, BATCH * 3 + 2))
    assert threading.main_thread() not in numbers.threads
    assert numbers.is_closed


async def test_what_was_found_before_an_error_comes_first() -> None:
    stream = reading(Numbers(3, RuntimeError("broken")))
    assert [await anext(stream) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(RuntimeError, match="broken"):
        await anext(stream)


async def test_a_reader_that_leaves_holds_no_more_than_two_batches() -> None:
    numbers = Numbers(1_000_000)
    stream = reading(numbers)
    assert await anext(stream) == 1
    await stream.aclose()
    assert numbers.is_closed
    assert numbers.given <= BATCH * 2


async def test_a_reader_that_is_cancelled_closes_what_it_read() -> None:
    numbers = Numbers(1_000_000)

    async def read() -> None:
        async for _ in reading(numbers):
            await asyncio.sleep(0)

    task = asyncio.create_task(read())
    while not numbers.given:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(1_000):
        if numbers.is_closed:
            break
        await asyncio.sleep(0.001)
    assert numbers.is_closed


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "movies.csv"])
async def test_no_file_is_opened_on_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    media: list[Any] = [{"title": f"Movie {number}"} for number in range(3)]
    texts = {
        "a.jsonl": b"\n".join(map(orjson.dumps, media)),
        "a.json": orjson.dumps(media),
        "a.csv": b"title,year\nA,1\nB,2\nC,3\n",
        "movies.csv": b"movieId,title,genres\n1,A,\n2,B,\n3,C,\n",
    }
    (tmp_path / name).write_bytes(texts[name])
    real = Path.open

    def opened(self: Path, *arguments: Any, **more: Any) -> Any:
        assert threading.current_thread() is not threading.main_thread()
        return real(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", opened)
    location = tmp_path if name == "movies.csv" else tmp_path / name
    assert len(items_of(await read_all((await open_source(str(location))).source))) == 3
