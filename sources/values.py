"""Values as sources write them, read as an upsert takes them. ValueError says in words what is needed instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from domain.bounds import INTEGER, RATING_TENTHS, TIME_YEARS, YEAR

WHOLE = re.compile(r"\s*[+-]?\d{1,25}(?:\.0*)?\s*")
DECIMAL = re.compile(r"\s*([+-]?\d{1,25}(?:[.,]\d{1,25})?)\s*")
IN_TEXT_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
HOURS = re.compile(r"\s*(?:(\d{1,3})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,4})\s*m(?:in(?:utes?|s)?)?\.?)?\s*", re.IGNORECASE)
CLOCK = re.compile(r"\s*(\d{1,3}):(\d{2}):(\d{2})\s*")
PERCENT = re.compile(r"\s*(\d{1,3}(?:[.,]\d+)?)\s*%\s*")


def text_of(value: Any) -> str:
    """A text; a number is its digits."""
    if value.__class__ is str or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("A text is needed here.")


def whole_of(value: Any) -> int:
    """A whole number, also one that is written as a text."""
    if value.__class__ is int:
        return int(value)
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value.partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError("A whole number is needed here.")


def number_of(value: Any) -> float:
    """A number, also one that is written as a text, with a point or a comma."""
    if isinstance(value, str) and (found := DECIMAL.fullmatch(value)):
        return float(found[1].replace(",", "."))
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < INTEGER.most**2:
        return float(value)
    raise ValueError("A number is needed here.")


def parts_of(value: Any, parts: int) -> int:
    """A number in the parts in which it is stored, rounded to them."""
    return round(number_of(value) * parts)


def rating_of(value: Any) -> int:
    """A rating from 0 to 10, or in percent, in tenths, rounded to them."""
    percent = PERCENT.fullmatch(value) if isinstance(value, str) else None
    found = parts_of(percent[1], 1) if percent else parts_of(value, RATING_TENTHS.parts)
    if not RATING_TENTHS.holds(found):
        raise ValueError(f"A rating {RATING_TENTHS.description} is needed here.")
    return found


def flag_of(value: Any) -> bool:
    """true or false."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise ValueError("true or false is needed here.")
    return found


def time_of(value: Any) -> datetime:
    """A time or a date as ISO 8601 writes them, in UTC unless it says otherwise."""
    try:
        found = datetime.fromisoformat(text_of(value).strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or not TIME_YEARS.holds(found.year):
        raise ValueError("A time as in 2024-05-06T07:08:09Z is needed here.")
    return found


def year_of(value: Any) -> int:
    """A year, also the first one in a text such as a date."""
    if isinstance(value, str) and not WHOLE.fullmatch(value):
        found_year = IN_TEXT_YEAR.search(value)
        if found_year is None:
            raise ValueError("A year is needed here.")
        return int(found_year[1])
    found = whole_of(value)
    if not YEAR.holds(found):
        raise ValueError(f"A year {YEAR.description} is needed here.")
    return found


def minutes_of(value: Any) -> int:
    """A running time in minutes: 142, "142 min", "2h 22m", "2:22:00"."""
    if isinstance(value, str):
        if clock := CLOCK.fullmatch(value):
            return int(clock[1]) * 60 + int(clock[2])
        if (found := HOURS.fullmatch(value)) and (found[1] or found[2]):
            return int(found[1] or 0) * 60 + int(found[2] or 0)
    return round(number_of(value))
