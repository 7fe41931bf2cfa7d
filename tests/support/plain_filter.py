"""What a media filter promises, read plainly: predicate by predicate over the rows of tests/support/catalogue.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain.text import fold
from tests.support.catalogue import Catalogue, PlainMedia

Given = Any  # what stands in a filter
ABSENT = object()


def within(value: float | None, given: Given) -> bool:
    """An IntRange or FloatRange."""
    low, high, null = given.get("min"), given.get("max"), given.get("isNull")
    if null is not None and (value is None) != null:
        return False
    asked = [low, high, given.get("eq"), given.get("in")]
    if value is None:
        return all(one is None for one in asked)
    exact = [[given["eq"]] if given.get("eq") is not None else None, given.get("in")]
    return (
        (low is None or value >= low)
        and (high is None or value <= high)
        and all(values is None or value in values for values in exact)
    )


def says(value: str | None, given: Given, change: Callable[[str], str]) -> bool:
    """A TextFilter or NameFilter; `change`: what texts become before they are compared."""
    null = given.get("isNull")
    if null is not None and (value is None) != null:
        return False
    texts = {name: None if given.get(name) is None else change(given[name]) for name in ("contains", "startsWith")}
    exact = [[given["eq"]] if given.get("eq") is not None else None, given.get("in")]
    if value is None:
        return not any(texts.values()) and all(values is None for values in exact)
    own = change(value)
    return (
        (texts["contains"] or "") in own
        and own.startswith(texts["startsWith"] or "")
        and all(values is None or own in map(change, values) for values in exact)
    )


def between(value: datetime, given: Given) -> bool:
    """A TimeRange."""
    low, high = (given.get(name) and datetime.fromisoformat(given[name]) for name in ("min", "max"))
    low, high = (time and (time if time.tzinfo else time.replace(tzinfo=UTC)) for time in (low, high))
    return (not low or value >= low) and (not high or value <= high)


def words(text: str) -> set[str]:
    return set(re.findall("[a-z0-9]+", fold(text)))


def named(number: int, one: Given, noun: str, catalogue: Catalogue) -> bool:
    """Whether a NameOrId means this tag, genre or person."""
    if "id" in one:
        return bool(one["id"] == f"{noun}_{number}")
    name = next(name for name in catalogue.names[noun] if name.id == number)
    texts = [text for text in (name.name, name.alias) if text is not None]
    if "name" in one:
        return fold(one["name"]) in map(fold, texts)
    return any(says(text, one["matching"], fold) for text in texts)


def related(rows: Any, given: Given, fits: Callable[[Any, Given], bool]) -> bool:
    """A RelationFilter or another list's filter over the rows that hang on a media."""

    def some(wanted: list[Given]) -> bool:
        return any(fits(row, one) for row in rows for one in wanted)

    return (
        (given.get("any") is None or some(given["any"]))
        and all(some([one]) for one in given.get("all") or [])
        and not some(given.get("none") or [])
        and (given.get("missing") is None or given["missing"] == (not rows))
        and (given.get("count") is None or within(len(rows), given["count"]))
    )


def match(fields: dict[str, Callable[[Given], bool]], given: Given) -> bool:
    return all(fields[name](value) for name, value in given.items() if value is not None)


def same(one: Any, other: Any) -> bool:
    """Equality of JSON, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def holds(large: Any, small: Any) -> bool:
    """PostgreSQL's containment of JSON."""
    if isinstance(large, dict) and isinstance(small, dict):
        return all(key in large and holds(large[key], small[key]) for key in small)
    if isinstance(large, list) and isinstance(small, list):
        return all(any(holds(item, one) for item in large) for one in small)
    return same(large, small) and not isinstance(small, dict | list)


def of_metadata(metadata: Any, given: Given) -> bool:
    value = metadata
    for key in given["path"]:
        value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (
        (given.get("eq") is None or (value is not ABSENT and same(value, given["eq"])))
        and (given.get("contains") is None or (value is not ABSENT and holds(value, given["contains"])))
        and (given.get("min") is None or (number and value >= given["min"]))
        and (given.get("max") is None or (number and value <= given["max"]))
        and (given.get("exists") is None or given["exists"] == (value is not ABSENT))
    )


def exactly(text: str) -> str:
    return text


def things(noun: str, carried: set[int], given: Given, catalogue: Catalogue) -> bool:
    return related(carried, given, lambda number, one: named(number, one, noun, catalogue))


def of_credits(media: PlainMedia, given: Given, catalogue: Catalogue) -> bool:
    def fits(credit: Any, one: Given) -> bool:
        fields: dict[str, Callable[[Given], bool]] = {
            "person": lambda wanted: named(credit.person, wanted, "person", catalogue),
            "roles": lambda wanted: credit.role in wanted,
            "character": lambda wanted: says(credit.character, wanted, fold),
        }
        return match(fields, one)

    return related([credit for credit in catalogue.credits if credit.media.id == media.id], given, fits)


def of_ids(media: PlainMedia, given: Given) -> bool:
    def fits(pair: tuple[str, str], one: Given) -> bool:
        fields: dict[str, Callable[[Given], bool]] = {
            "source": lambda wanted: says(pair[0], wanted, exactly),
            "value": lambda wanted: says(pair[1], wanted, exactly),
        }
        return match(fields, one)

    return related(media.ids, given, fits)


def of_artwork(media: PlainMedia, given: Given) -> bool:
    def fits(picture: tuple[str, int | None], one: Given) -> bool:
        fields: dict[str, Callable[[Given], bool]] = {
            "types": lambda wanted: picture[0] in wanted,
            "width": lambda wanted: within(picture[1], wanted),
            "height": lambda wanted: within(None, wanted),
        }
        return match(fields, one)

    return related(media.artwork, given, fits)


def tenths(media: PlainMedia) -> float | None:
    return None if media.rating_tenths is None else media.rating_tenths / 10


PREDICATES: dict[str, Callable[[PlainMedia, Given, Catalogue], bool]] = {
    "and": lambda media, given, catalogue: all(matches(media, one, catalogue) for one in given),
    "or": lambda media, given, catalogue: any(matches(media, one, catalogue) for one in given),
    "not": lambda media, given, catalogue: not matches(media, given, catalogue),
    "id": lambda media, given, _: f"media_{media.id}" in given,
    "kind": lambda media, given, _: media.kind in given,
    "title": lambda media, given, _: fold(given) in fold(media.title),
    "titleText": lambda media, given, _: says(media.title, given, fold),
    "originalTitle": lambda media, given, _: says(media.original_title, given, fold),
    "overview": lambda media, given, _: says(media.overview, given, fold),
    "search": lambda media, given, _: words(given) <= words(media.title),
    "year": lambda media, given, _: within(media.year, given),
    "rating": lambda media, given, _: within(tenths(media), given),
    "runtimeMinutes": lambda media, given, _: within(media.runtime_minutes, given),
    "seasonNumber": lambda media, given, _: within(media.season_number, given),
    "episodeNumber": lambda media, given, _: within(media.episode_number, given),
    "addedAt": lambda media, given, _: between(media.added_at, given),
    "updatedAt": lambda media, given, _: between(media.updated_at, given),
    "library": lambda media, given, _: f"library_{media.library}" in given,
    "metadata": lambda media, given, _: all(of_metadata(media.metadata, one) for one in given),
    "tags": lambda media, given, catalogue: things("tag", media.tags, given, catalogue),
    "genres": lambda media, given, catalogue: things("genre", media.genres, given, catalogue),
    "people": lambda media, given, catalogue: things("person", media.people, given, catalogue),
    "credits": of_credits,
    "externalIds": lambda media, given, _: of_ids(media, given),
    "artwork": lambda media, given, _: of_artwork(media, given),
}


def matches(media: PlainMedia, filter: Given, catalogue: Catalogue) -> bool:
    """Whether a media is found by a filter."""
    return all(PREDICATES[name](media, given, catalogue) for name, given in filter.items() if given is not None)
