"""The benchmark of imports: its arithmetic, and the part of its document about queries."""

from __future__ import annotations

import asyncio

import pytest

from bench.importing.__main__ import with_part
from bench.importing.items import generated_source
from bench.importing.queries import RATE, SLICE, Latencies, asked, query_rows


def test_a_part_takes_the_place_of_the_one_before_or_stands_before_the_machine() -> None:
    text = "# A\n\nrows\n\n## Machine\n\nold\n"
    first = with_part(text, "## Queries\n\none")
    assert first == "# A\n\nrows\n\n## Queries\n\none\n\n## Machine\n\nold\n"
    assert with_part(first, "## Queries\n\ntwo") == first.replace("one", "two")


def test_slices_that_others_disturbed_do_not_count() -> None:
    calm, disturbed = [0.001] * (SLICE - 4) + [0.002] * 4, [5.0] * SLICE
    alone, beside = Latencies(calm * 2 + disturbed), Latencies([2 * one for one in calm], 3.0)
    assert (alone.at(0.5), alone.at(0.95)) == (0.001, 0.002)
    assert query_rows(alone, beside) == [
        ["alone", "120", "1.0", "2.0"],
        ["beside an import", "40", "2.0", "4.0"],
        ["ratio", "", "2.0", "2.0"],
    ]


@pytest.mark.parametrize(
    ("what", "items"), [("10", range(10)), ("10-14", range(10, 14)), ("a/path-5", None), ("x", None)]
)
async def test_items_are_generated_from_one_number_to_another(what: str, items: range | None) -> None:
    source = generated_source(what)
    assert (source is None) == (items is None)
    if source is not None and items is not None:
        assert [one.key async for one in source.read()] == [f"item {number}" for number in items]  # type: ignore[union-attr]
        assert source.total == len(items)


async def test_pages_are_asked_for_when_they_are_due_though_others_are_not_answered() -> None:
    waiting, go_on = 0, asyncio.Event()

    async def ask() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            go_on.set()
        await go_on.wait()

    seconds = await asked(ask, go_on.is_set)
    assert len(seconds) == waiting >= 3
    assert seconds[0] >= 1 / RATE  # it has waited for the third one, which was due later
