"""The real movies of the demo as items, in the order of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.upsert.item import Item
from domain.enums import CreditRole, MediaKind
from sources.demo.facts import Movie, read_facts
from sources.source import SourceItem

ADDED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
ADDED_TOGETHER = 16  # media of one import carry one time
ADDED_EVERY = timedelta(minutes=41)
ADDED_SLOTS = 65_536  # 41 minutes each: five years
ARTICLE = "wikipedia"  # the source of the external id that is the name of the movie's article


def added_at(place: int) -> datetime:
    """Spread over five years without following the place; 16 neighbours share a time."""
    return ADDED_FROM + ADDED_EVERY * (place // ADDED_TOGETHER * 7_919 % ADDED_SLOTS)


def movie_items(count: int) -> Iterator[SourceItem]:
    """The first movies; the key of each is its place from 0."""
    for place, movie in enumerate(read_facts().movies[:count]):
        yield movie_item(movie, place)


def movie_item(movie: Movie, place: int) -> SourceItem:
    values = {
        "kind": MediaKind.MOVIE.value,
        "title": movie.title,
        "year": movie.year,
        "rating_tenths": movie.rating,
        "runtime_minutes": movie.runtime,
        "added_at": added_at(place),
    }
    return SourceItem(str(place), Item(0, values=values, lists=movie_lists(movie)))


def movie_lists(movie: Movie) -> dict[str, Any]:
    credited = [(CreditRole.ACTOR, name) for name in movie.cast]
    credited += [(CreditRole.DIRECTOR, name) for name in movie.directors]
    lists: dict[str, Any] = {
        "tags": list(movie.tags),
        "genres": list(movie.genres),
        "credits": [{"person_id": name, "role": role.value} for role, name in credited],
    }
    if movie.article is not None:
        lists["external_ids"] = [{"source": ARTICLE, "value": movie.article}]
    if movie.thumbnail is not None:
        picture = {"url": movie.thumbnail, "width": movie.width, "height": movie.height}
        lists["artwork"] = [{"type": "THUMBNAIL", **picture}]
    return lists
