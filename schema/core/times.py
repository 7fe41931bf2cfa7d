"""Times in inputs: one rule for all of them."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.bounds import TIME_YEARS, Bounds
from domain.errors import CatalogError, Code

CALENDAR = Bounds(1, 9999)


def utc(given: datetime, years: Bounds = CALENDAR) -> datetime:
    """The time in UTC, which is assumed if there is no offset; BAD_ARGUMENT outside these years."""
    try:
        time = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except OverflowError:
        time = None
    if time is None or not years.holds(time.year):
        message = f"A time must lie between the years {years.least} and {years.most}, in UTC."
        raise CatalogError(Code.BAD_ARGUMENT, message)
    return time


def time_to_store(given: datetime) -> datetime:
    """The time in UTC, within the years that every time zone can represent; BAD_ARGUMENT otherwise."""
    return utc(given, TIME_YEARS)
