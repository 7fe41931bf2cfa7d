"""Who watches a row is told of its changes, and of no more than it can use."""

from __future__ import annotations

import asyncio

import pytest

from database.notifications import Topic, row_numbers
from database.row_signals import RowSignals, RowWatch


async def is_told(watch: RowWatch) -> bool:
    task = asyncio.ensure_future(watch.changed())
    for _ in range(5):
        await asyncio.sleep(0)
    if task.done():
        return True
    task.cancel()
    return False


@pytest.fixture
async def signals() -> RowSignals:
    made = RowSignals(interval=0.0, unnotified_interval=60.0)
    await made.set_notified(True)
    return made


async def test_changes_of_a_row_are_told_to_those_who_watch_it(signals: RowSignals) -> None:
    with signals.watch(1) as first, signals.watch(1) as second, signals.watch(2) as other:
        signals.rows_changed({1, 3})
        assert [await is_told(watch) for watch in (first, second, other)] == [True, True, False]
        assert not await is_told(first)
        await signals.invalidate()
        assert [await is_told(watch) for watch in (first, second, other)] == [True, True, True]
        assert len(signals) == 3
    assert len(signals) == 0


async def test_a_change_before_somebody_waits_is_not_lost_and_many_are_one(signals: RowSignals) -> None:
    with signals.watch(1) as watch:
        for _ in range(100):
            signals.rows_changed({1})
        assert await is_told(watch)
        assert not await is_told(watch)


async def test_between_two_signals_there_is_a_pause() -> None:
    signals = RowSignals(interval=3600.0)
    with signals.watch(1) as watch:
        signals.rows_changed({1})
        assert not await is_told(watch)
        signals.interval = 0.0
        assert await is_told(watch)


async def test_when_notifications_come_or_end_everything_may_have_changed(signals: RowSignals) -> None:
    with signals.watch(1) as watch:
        for is_notified in (False, True):
            await signals.set_notified(is_notified)
            assert await is_told(watch)


async def test_where_no_notifications_come_it_is_asked_now_and_then() -> None:
    signals = RowSignals(interval=0.0, unnotified_interval=0.001)
    with signals.watch(1) as watch:
        await watch.changed()
        await watch.changed()


def test_messages_name_rows() -> None:
    messages = {"job", "job 1", "job 22", "job x", "job -1", "jobs 3", "job_stop 4", "setting"}
    assert row_numbers(Topic.JOB, messages) == {1, 22}
