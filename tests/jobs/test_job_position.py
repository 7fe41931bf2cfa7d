"""Where a run that tags media goes on: nothing is done twice or left out, in whatever order batches end."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from jobs.job_position import JobPosition


def remaining(position: JobPosition, ids: list[int]) -> list[int]:
    """What is left to be done, as the statement finds it."""
    done = position.ranges
    return [
        id for id in ids if id > position.after and not any(first <= id <= last for first, last in done)
    ]  # fmt: skip


def attempt(state: dict[str, object], ids: list[int], at_once: int, ends: int, draw: random.Random) -> list[int]:
    """The media that one attempt has done, which is killed after some batches; `state` is that of the last one."""
    position = JobPosition(state)
    waiting, under_way, done = remaining(position, ids), list[list[int]](), list[int]()
    for _ in range(ends):
        while waiting and len(under_way) < at_once:
            batch, waiting = waiting[:2], waiting[2:]
            position.begin(batch)
            under_way.append(batch)
        if not under_way:
            break
        batch = under_way.pop(draw.randrange(len(under_way)))
        position.end(batch)
        done += batch
        assert len(position.ranges) <= len(under_way) + len(state.get("ranges", [])) + 1  # type: ignore[arg-type]
        state.update(position.as_state())
    return done


@given(
    st.sets(st.integers(1, 200), max_size=40),
    st.integers(1, 6),
    st.lists(st.integers(0, 12), max_size=4),
    st.randoms(use_true_random=False),
)
def test_each_media_is_done_once_however_often_the_run_is_killed(
    ids: set[int], at_once: int, kills: list[int], draw: random.Random
) -> None:
    state: dict[str, object] = {}
    done: list[int] = []
    for ends in [*kills, len(ids)]:
        done += attempt(state, sorted(ids), at_once, ends, draw)
    assert sorted(done) == sorted(ids)


def test_batches_that_end_in_another_order_leave_ranges_that_become_one() -> None:
    position = JobPosition({})
    for ids in ([1, 2], [3, 4], [5, 6], [7, 9]):
        position.begin(ids)
    position.end([5, 6])
    assert (position.after, position.ranges) == (0, [(5, 6)])
    position.end([7, 9])
    assert position.as_state() == {"after": 0, "ranges": [[5, 9]]}
    position.end([1, 2])
    assert (position.after, position.ranges) == (2, [(5, 9)])
    position.end([3, 4])
    assert (position.after, position.ranges) == (9, [])


def test_what_an_earlier_attempt_has_done_behind_what_is_not_begun_stays_apart() -> None:
    position = JobPosition({"after": 2, "ranges": [[50, 60]]})
    position.begin([3, 4])
    position.end([3, 4])
    assert position.as_state() == {"after": 4, "ranges": [[50, 60]]}
