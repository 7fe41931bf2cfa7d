"""What may stand in a media's own columns: checked in words before the database is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from catalog.edit import check_storable
from loaders.errors import CatalogError, Code
from loaders.text import fold, sort_title, storable

LONGEST_TITLE = 500
LONGEST_SORT_TITLE = 2_000  # bytes
LONGEST_OVERVIEW = 20_000
MOST_METADATA = 65_536  # bytes
SMALLEST, LARGEST = -(2**31), 2**31 - 1
REQUIRED = ("title", "kind", "library_id", "added_at", "metadata")

# Which kinds may hang on which.
PARENTS = {"SEASON": ("SERIES",), "EPISODE": ("SEASON", "SERIES")}


def bad(message: str) -> CatalogError:
    return CatalogError(Code.BAD_ARGUMENT, message)


def text_of(name: str, most: int) -> Callable[[Any], Any]:
    """A check for texts of up to so many letters."""

    def check(value: str) -> str:
        if not storable(value):
            raise bad(f"{name} cannot contain U+0000 or half of a surrogate pair.")
        if len(value) > most:
            raise bad(f"{name} has {len(value)} letters: at most {most} are kept.")
        return value

    return check


def title(value: str) -> str:
    kept: str = text_of("title", LONGEST_TITLE)(value.strip())
    if not kept:
        raise bad("A media has a title.")
    if len(sort_title(kept).encode()) > LONGEST_SORT_TITLE:
        raise bad("title is too long to be ordered by.")
    return kept


def number(name: str, least: int = SMALLEST, most: int = LARGEST) -> Callable[[Any], Any]:
    """A check for whole numbers."""

    def check(value: int) -> int:
        if not least <= value <= most:
            raise bad(f"{name} is a number from {least} to {most}.")
        return value

    return check


def metadata(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad("metadata is a JSON object.")
    check_storable(value)
    if len(orjson.dumps(value)) > MOST_METADATA:
        raise bad(f"metadata has more than {MOST_METADATA} bytes.")
    return value


def moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise bad("addedAt has a time zone, as in 2024-05-06T07:08:09Z.")
    if not 1 < value.year < 9999:  # in every time zone a year that Python and PostgreSQL can both tell
        raise bad("addedAt lies between the years 2 and 9998.")
    return value.isoformat()


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": title,
    "original_title": text_of("originalTitle", LONGEST_TITLE),
    "overview": text_of("overview", LONGEST_OVERVIEW),
    "year": number("year"),
    "rating_tenths": number("rating in tenths", 0, 100),
    "runtime_minutes": number("runtimeMinutes", 0),
    "season_number": number("seasonNumber", 0),
    "episode_number": number("episodeNumber", 0),
    "added_at": moment,
    "metadata": metadata,
}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by column as the database takes them in JSON, with the columns that follow from them; BAD_ARGUMENT."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is None and name in REQUIRED:
            raise bad(f"{name} cannot be null.")
        check = CHECKS.get(name)
        found[name] = value if value is None or check is None else check(value)
    if "title" in found:
        found |= {"folded_title": fold(found["title"]), "sort_title": sort_title(found["title"])}
    return found


def check_parent(kind: str, above: str | None) -> None:
    """BAD_ARGUMENT unless a media of a kind may hang on one of another. None: there is no such media (NOT_FOUND)."""
    if above is None:
        raise CatalogError(Code.NOT_FOUND, "There is no such parent.")
    if above not in PARENTS.get(kind, ()):
        raise bad(f"A media of kind {kind} cannot hang on one of kind {above}.")
