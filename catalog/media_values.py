"""What may stand in a media's own columns: checked in words before the database is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from catalog.edit import check_storable
from loaders.bounds import COLUMNS, TIME_YEARS
from loaders.errors import CatalogError, Code
from loaders.foldable import WORDS, swells
from loaders.text import fold, shows_nothing, sort_title, storable

LONGEST_TITLE = 500
LONGEST_SORT_TITLE = 2_000  # bytes
LONGEST_OVERVIEW = 20_000
MOST_METADATA = 65_536  # bytes
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


def title_of(name: str) -> Callable[[Any], Any]:
    """A check for titles, which show something and can be ordered by."""

    def check(value: str) -> str:
        kept: str = text_of(name, LONGEST_TITLE)(value.strip())
        if swells(kept):
            raise bad(WORDS)
        if shows_nothing(kept):
            raise bad(f"{name} has letters or signs: this one shows nothing.")
        if max(len(fold(kept).encode()), len(sort_title(kept).encode())) > LONGEST_SORT_TITLE:
            raise bad(f"{name} is too long to be ordered by.")
        return kept

    return check


def number(name: str, column: str) -> Callable[[Any], Any]:
    """A check for whole numbers within the bounds of a column of media."""
    bounds = COLUMNS[f"media.{column}"]

    def check(value: int) -> int:
        if not bounds.holds(value):
            raise bad(f"{name} is a number {bounds.words}.")
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
    if not TIME_YEARS.holds(value.year):
        raise bad(f"addedAt lies in the years {TIME_YEARS.words}.")
    return value.isoformat()


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": title_of("title"),
    "original_title": title_of("originalTitle"),
    "overview": text_of("overview", LONGEST_OVERVIEW),
    "year": number("year", "year"),
    "rating_tenths": number("rating", "rating_tenths"),
    "runtime_minutes": number("runtimeMinutes", "runtime_minutes"),
    "season_number": number("seasonNumber", "season_number"),
    "episode_number": number("episodeNumber", "episode_number"),
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
    for name in ("original_title", "overview"):
        if name in found:
            found[f"folded_{name}"] = None if found[name] is None else fold(found[name])
    return found


def check_parent(kind: str, above: str | None) -> None:
    """BAD_ARGUMENT unless a media of a kind may hang on one of another. None: there is no such media (NOT_FOUND)."""
    if above is None:
        raise CatalogError(Code.NOT_FOUND, "There is no such parent.")
    if above not in PARENTS.get(kind, ()):
        raise bad(f"A media of kind {kind} cannot hang on one of kind {above}.")
