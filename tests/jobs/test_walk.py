"""How runs go through items with an outside service: what is stored when, and what a stop leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from jobs.kind import ItemResult, JobCounts, JobStopped, StopReason
from jobs.walk import Walk

ERROR = CatalogError(Code.DATABASE_UNAVAILABLE, "The database does not answer: try again.")


class Context:
    """Of a run that is told to stop by `stop`. saved: each state and its counts."""

    def __init__(self, session: Any, state: dict[str, Any] | None = None) -> None:
        self.session, self.viewer, self.state, self.counts = session, UNRESTRICTED, state or {}, JobCounts()
        self.saved: list[tuple[dict[str, Any], JobCounts]] = []
        self.lines: list[str] = []
        self.stop = False

    async def save(self, writer: Writer, state: Any, counts: JobCounts) -> None:
        self.saved.append((state, counts))

    def progress(self, counts: JobCounts, total: int | None, item: str) -> None:
        self.check()

    def check(self) -> None:
        if self.stop:
            raise JobStopped(StopReason.PAUSE)

    def log(self, line: str, level: Any) -> None:
        self.lines.append(line)


class Numbers(Walk[int, int]):
    """Chunks of parts, as they are given. Those in `hanging` are never answered, `raising` is raised for."""

    name, noun = "test_numbers", "number"

    def __init__(self, context: Context, *chunks: Sequence[Sequence[int]]) -> None:
        super().__init__(context)  # type: ignore[arg-type]
        self.fake = context
        self.left = list(chunks)
        self.hanging, self.raising = set[int](), dict[int, Exception]()
        self.stored: list[tuple[list[int], list[int]]] = []

    async def due(self) -> Sequence[Sequence[int]]:
        return self.left.pop(0) if self.left else []

    def id_of(self, item: int) -> int:
        return item

    async def ask(self, items: Sequence[int]) -> int:
        if items[0] in self.hanging:
            self.fake.stop = True
            await asyncio.Event().wait()
        if items[0] in self.raising:
            raise self.raising[items[0]]
        return sum(items)

    async def store(self, writer: Writer, answers: Sequence[int], undone: Sequence[int]) -> Sequence[ItemResult]:
        self.stored.append(([*answers], [*undone]))
        odd = [ItemResult.of_error(f"number_{one}", ERROR) for one in answers if one % 2]
        return [*odd, *(ItemResult(f"number_{one}", "even") for one in answers if one % 2 == 0)]


async def test_a_chunk_is_stored_at_once_with_where_to_go_on(writer: ConnectArgs) -> None:
    async with open_session(writer) as session:
        walk = Numbers(Context(session), [[1, 4], [2], [3]], [[5, 6, 7]])
        counts = await walk.to_end()
    assert walk.stored == [([5, 2, 3], []), ([18], [])]
    assert [state for state, _ in walk.fake.saved] == [{"after": 4, "ranges": []}, {"after": 7, "ranges": []}]
    assert counts == JobCounts(2, 2, {"even": 2}, {"DATABASE_UNAVAILABLE": 2})
    assert walk.fake.lines == [f"number_{one}: DATABASE_UNAVAILABLE: {ERROR}" for one in (5, 3)]


async def test_what_was_answered_before_a_stop_is_kept(writer: ConnectArgs) -> None:
    async with open_session(writer) as session:
        walk = Numbers(Context(session), [[1], [2], [3], [4]], [[5]])
        walk.hanging = {2}
        with pytest.raises(JobStopped):
            await walk.to_end()
    assert walk.stored == [([1, 3, 4], [2])]
    assert walk.fake.saved[-1][0] == {"after": 1, "ranges": [[3, 4]]}


async def test_so_it_is_before_an_error_that_is_no_fault_of_an_item(writer: ConnectArgs) -> None:
    async with open_session(writer) as session:
        walk = Numbers(Context(session), [[1], [2], [3]])
        walk.raising = {2: ERROR}
        with pytest.raises(CatalogError) as raised:
            await walk.to_end()
    assert raised.value is ERROR
    assert walk.stored == [([1, 3], [2])]


@pytest.mark.parametrize(("takes", "stored"), [(False, []), (True, [([], [1, 2])])])
async def test_where_nothing_was_answered_only_what_was_taken_is_given_back(
    writer: ConnectArgs, takes: bool, stored: list[Any]
) -> None:
    async with open_session(writer) as session:
        walk = Numbers(Context(session), [[1, 2]])
        walk.hanging, walk.takes_items = {1}, takes
        with pytest.raises(JobStopped):
            await walk.to_end()
    assert walk.stored == stored


async def test_chunks_that_are_under_way_at_once_are_stored_as_they_come(writer: ConnectArgs) -> None:
    async with open_session(writer) as session:
        walk = Numbers(Context(session), [[1]], [[2]], [[3]])
        walk.chunks_at_once, walk.hanging = 3, {1}
        with pytest.raises(JobStopped):
            await walk.to_end()
    assert [answers for answers, _ in walk.stored] == [[2], [3]]
    assert walk.fake.saved[-1][0] == {"after": 0, "ranges": [[2, 3]]}
