"""A whole level at once: what is sent, what is shared with single loads, and what becomes of errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import pytest

from database.statement import Statement
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from loaders.core.batch_loader import BatchLoader
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders


def busy() -> CatalogError:
    """A new one each time: a traceback holds on to the loaders that it went through."""
    return CatalogError(Code.DATABASE_BUSY, "In words.")


class Names:
    """A database of tags named after their ids; odd ones do not exist. It waits for `go`, and fails with `error`."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.error: BaseException | None = None
        self.sent: list[list[int]] = []

    async def fetch(
        self, statement: Statement[Any], values: Sequence[Any], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        keys = [int(key) for key in values[0][1:-1].split(",")]
        self.sent.append(keys)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return [(key, f"tag {key}") for key in keys if key % 2 == 0]


def row(key: int) -> tuple[int, str] | None:
    return None if key % 2 else (key, f"tag {key}")


def rows(*keys: int) -> list[Any]:
    return [row(key) for key in keys]


def loader_of(names: Names, stats: LoadStats | None = None) -> BatchLoader[int, Any]:
    return Loaders(ReadSession(names, UNRESTRICTED, stats=stats)).tag_by_id


async def turns(number: int = 10) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_keys_are_sent_once_in_the_order_in_which_they_first_come() -> None:
    names = Names()

    assert await loader_of(names).load_batch([4, 2, 4, 1, 2]) == rows(4, 2, 4, 1, 2)
    assert names.sent == [[4, 2, 1]]


async def test_no_turn_of_the_loop_passes_before_a_level_is_sent() -> None:
    names = Names()
    coroutine = loader_of(names).load_batch([2])

    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)

    assert ended.value.value == rows(2)


async def test_a_level_without_keys_sends_nothing() -> None:
    names, stats = Names(), LoadStats()

    assert await loader_of(names, stats).load_batch([]) == []
    assert (names.sent, stats.batches) == ([], [])


async def test_only_what_is_new_in_a_level_is_sent() -> None:
    names = Names()
    loader = loader_of(names)
    await loader.load_batch([1, 2])
    await loader.load(4)

    assert await loader.load_batch([6, 1, 2, 4, 6, 8]) == rows(6, 1, 2, 4, 6, 8)
    assert await loader.load_batch([8, 1]) == rows(8, 1)
    assert names.sent == [[1, 2], [4], [6, 8]]


async def test_what_a_level_has_read_is_given_to_a_single_load_at_once() -> None:
    loader = loader_of(Names())
    await loader.load_batch([1, 2])

    assert [loader.load(key).result() for key in (1, 2)] == rows(1, 2)


async def test_levels_under_way_share_their_keys() -> None:
    names = Names()
    names.go.clear()
    loader = loader_of(names)
    levels = [asyncio.ensure_future(loader.load_batch(keys)) for keys in ([2, 4], [4, 6], [6, 2])]
    await turns()
    names.go.set()

    assert await asyncio.gather(*levels) == [rows(2, 4), rows(4, 6), rows(6, 2)]
    assert names.sent == [[2, 4], [6]]


async def test_a_single_load_of_a_key_under_way_waits_for_its_level() -> None:
    names = Names()
    names.go.clear()
    loader = loader_of(names)
    level = asyncio.ensure_future(loader.load_batch([2, 1]))
    await turns()
    loads = [loader.load(key) for key in (1, 2)]
    await turns()
    names.go.set()

    assert await asyncio.gather(*loads) == rows(1, 2)
    assert await level == rows(2, 1)
    assert names.sent == [[2, 1]]


@pytest.mark.parametrize("waited", range(6))
async def test_a_level_waits_for_a_single_load_of_its_key_queued_or_under_way(waited: int) -> None:
    names = Names()
    loader = loader_of(names)
    single = loader.load(2)
    await turns(waited)

    assert await loader.load_batch([4, 2]) == rows(4, 2)
    assert await single == row(2)
    assert sorted(names.sent) == [[2], [4]]


@pytest.mark.parametrize("fail", [busy, ValueError, asyncio.CancelledError])
async def test_a_batch_that_fails_is_the_exception_of_all_its_keys_and_is_not_kept(
    fail: Callable[[], BaseException],
) -> None:
    names, error = Names(), fail()
    loader = loader_of(names)
    await loader.load_batch([8])
    names.error = error

    failed: list[Any]
    known, *failed = await loader.load_batch([8, 2, 4, 2])

    assert known == row(8)
    assert len({id(one) for one in failed}) == 1
    if isinstance(error, Exception):
        assert failed[0] is error
    else:
        assert failed[0].extensions == {"code": "DATABASE_UNAVAILABLE"}
    names.error = None
    assert await loader.load_batch([2, 4]) == rows(2, 4)
    assert await loader.load(2) == row(2)


async def test_a_batch_that_fails_is_the_error_of_those_who_wait_for_its_keys() -> None:
    names = Names()
    names.go.clear()
    loader = loader_of(names)
    levels = [asyncio.ensure_future(loader.load_batch([2, 4])), asyncio.ensure_future(loader.load_batch([4]))]
    await turns()
    single = loader.load(2)
    error = names.error = busy()
    names.go.set()

    assert await asyncio.gather(*levels) == [[error, error], [error]]
    with pytest.raises(CatalogError):
        await single


async def test_a_level_has_the_error_of_a_single_load_as_a_value() -> None:
    names = Names()
    error = names.error = busy()
    loader = loader_of(names)
    single = loader.load(2)

    assert await loader.load_batch([2]) == [error]
    with pytest.raises(CatalogError):
        await single


async def test_a_cancelled_level_leaves_the_loader_and_those_who_share_its_keys_in_order() -> None:
    names = Names()
    names.go.clear()
    loader = loader_of(names)
    level = asyncio.ensure_future(loader.load_batch([2, 4]))
    await turns()
    other, single = asyncio.ensure_future(loader.load_batch([4, 6])), loader.load(2)
    await turns()
    level.cancel()
    with pytest.raises(asyncio.CancelledError):
        await level
    names.go.set()

    cancelled, found = await other

    assert getattr(cancelled, "extensions", None) == {"code": "DATABASE_UNAVAILABLE"}
    assert found == row(6)
    with pytest.raises(CatalogError, match="The statement was cancelled"):
        await single
    assert await loader.load_batch([2, 4]) == rows(2, 4)


async def test_a_cancelled_level_takes_nothing_from_the_one_whose_keys_it_waits_for() -> None:
    names = Names()
    names.go.clear()
    loader = loader_of(names)
    single, level = loader.load(2), asyncio.ensure_future(loader.load_batch([4]))
    await turns()
    waiting = asyncio.ensure_future(loader.load_batch([2, 4]))
    await turns()
    waiting.cancel()
    await asyncio.wait([waiting])
    names.go.set()

    assert (await single, await level) == (row(2), rows(4))


async def test_a_level_is_an_entry_of_the_ledger_with_the_fields_that_asked() -> None:
    names, stats = Names(), LoadStats()
    loader = loader_of(names, stats)
    asked = [("Query.tag", "a", 2, 3, 11.0), ("Query.tag", "b", 9, 1, 10.0), ("Query.node", "c", 20, 1, 12.0)]

    await loader.load_batch([2, 4, 2, 4, 6], asked)
    await loader.load_batch([2, 4], [("Query.nodes", "d", 30, 2, 13.0)])
    await loader.load_batch([2, 8], [("Query.nodes", "d", 30, 2, perf_counter())])
    await loader.load_batch([10], [("Query.nodes", "e", 40, 1, 15.0)])  # asked for before anything was back

    first, second, third = stats.batches
    assert (first.loader, first.keys, first.unique, first.hits) == ("tag_by_id", 7, 3, 4)
    assert (first.first_load, first.wave, len(first.sent), first.error) == (10.0, 0, 1, None)
    assert first.fields == {"Query.tag": 4, "Query.node": 1, "Query.nodes": 2}
    assert {site: loads.loads for site, loads in first.sites.items()} == {("a", 2): 3, ("b", 9): 1, ("c", 20): 1}
    assert (second.keys, second.unique, second.hits, second.wave) == (2, 1, 1, 1)
    assert (third.keys, third.wave) == (1, 0)
    assert (stats.splits, stats.unbatched) == ([], [])


async def test_a_level_that_asks_for_what_single_loads_have_read_is_booked_as_their_hits() -> None:
    names, stats = Names(), LoadStats()
    loader = loader_of(names, stats)
    stats.visit("Query.tag", "tag", 2)
    await loader.load(2)
    await loader.load_batch([2], [("Query.nodes", "d", 30, 1, 13.0)])

    [only] = stats.batches
    assert (only.keys, only.unique, only.hits, only.fields) == (2, 1, 1, {"Query.tag": 1, "Query.nodes": 1})


async def test_loads_are_booked_on_the_loader_of_their_arguments() -> None:
    stats = LoadStats()
    loaders = Loaders(ReadSession(Names(), UNRESTRICTED, stats=stats))
    refs = [Loaders.media_count_by_person_id.bind(loaders, filter) for filter in ("first", "second")]
    for field, ref in (("T.a", refs[0]), ("T.b", refs[1]), ("T.a", refs[0])):
        stats.visit(field, field, 0)
        ref.load(len(field)).cancel()

    assert [batch.fields for batch in stats.batches] == [{"T.a": 2}, {"T.b": 1}]


async def test_loads_that_collect_while_a_level_is_sent_stay_in_their_own_entry() -> None:
    names, stats = Names(), LoadStats()
    loader = loader_of(names, stats)
    stats.visit("Query.tag", "tag", 2)
    first = loader.load(2)
    await loader.load_batch([4], [("Query.nodes", "d", 30, 1, 13.0)])
    await asyncio.gather(first, loader.load(6))

    assert names.sent == [[4], [2, 6]]
    assert [(batch.keys, batch.unique, batch.fields) for batch in stats.batches] == [
        (2, 2, {"Query.tag": 2}),
        (1, 1, {"Query.nodes": 1}),
    ]
