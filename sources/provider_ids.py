"""Ids of other services. Most of them count movies, series, seasons and episodes apart: an id of one kind is another
media's of another, and so is of a source of its own: tmdb, tmdb_series, tmdb_season, tmdb_episode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from domain.bounds import EXTERNAL_ID_BYTES, EXTERNAL_ID_SOURCE, EXTERNAL_ID_SOURCE_BYTES, EXTERNAL_IDS_OF_A_PERSON
from domain.text import storable

ONE_COUNT = frozenset({"imdb", "jellyfin"})
SUFFIXES = {"SERIES": "_series", "SEASON": "_season", "EPISODE": "_episode"}
SERVICE = re.compile(EXTERNAL_ID_SOURCE)
NOT_OF_THE_MEDIA = frozenset({"tmdbcollection"})


def provider_ids(kind: str, ids: Mapping[str, Any]) -> list[dict[str, str]]:
    """externalIds of a media of a kind, by the names of the services; 0 and nothing are no ids."""
    found: dict[tuple[str, str], None] = {}
    for source, value in given_ids(ids):
        if source not in NOT_OF_THE_MEDIA:
            suffix = "" if source in ONE_COUNT else SUFFIXES.get(kind, "")
            found[f"{source}{suffix}", value] = None
    return [{"source": source, "value": value} for source, value in found]


def given_ids(ids: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Services in small letters, and what they call something."""
    for name, value in ids.items():
        if value not in (None, "", 0, "0") and isinstance(value, str | int) and not isinstance(value, bool):
            yield name.strip().lower(), str(value).strip()


def person_with_ids(name: str, ids: Any) -> str | dict[str, Any]:
    """A person of a credit by their name, and by the ids of services where these give any that can be one."""
    given = given_ids(ids) if isinstance(ids, Mapping) else ()
    usable = islice((one for one in given if can_be_id(*one)), EXTERNAL_IDS_OF_A_PERSON)
    found = [{"source": source, "value": value} for source, value in usable]
    return {"name": name, "externalIds": found} if found else name


def can_be_id(source: str, value: str) -> bool:
    """Whether people can have such an id: others would fail the whole media."""
    if not SERVICE.fullmatch(source) or not value or not storable(source) or not storable(value):
        return False
    return len(source.encode()) <= EXTERNAL_ID_SOURCE_BYTES and len(value.encode()) <= EXTERNAL_ID_BYTES
