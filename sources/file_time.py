"""When a file was last changed, as the catalogue keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.bounds import TIME_YEARS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST = (datetime(int(TIME_YEARS.least), 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
LAST = (datetime(int(TIME_YEARS.most) + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND - 1


def time_of_file(nanoseconds: int) -> datetime:
    """The time, to the microsecond, of nanoseconds since 1970 as file systems tell them; the first or the last one that
    the catalogue holds for those beyond."""
    return EPOCH + min(max(nanoseconds // 1000, FIRST), LAST) * MICROSECOND
