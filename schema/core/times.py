"""Times as clients give them: one rule for all inputs."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.bounds import TIME_YEARS, Bounds
from domain.errors import CatalogError, Code

CALENDAR = Bounds(1, 9999)


def utc(given: datetime, years: Bounds = CALENDAR) -> datetime:
    """The same time in UTC, which one without an offset is taken for; BAD_ARGUMENT outside these years."""
    try:
        time = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except OverflowError:
        time = None
    if time is None or not years.holds(time.year):
        message = f"A time lies between the years {years.least} and {years.most}, in UTC."
        raise CatalogError(Code.BAD_ARGUMENT, message)
    return time


def time_to_store(given: datetime) -> datetime:
    """The same time in UTC, of the years that every time zone can tell; BAD_ARGUMENT."""
    return utc(given, TIME_YEARS)
