"""Ids of other services. Most of them count movies, series, seasons and episodes apart: an id of one kind is another
media's of another, and so is of a source of its own: tmdb, tmdb_series, tmdb_season, tmdb_episode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ONE_COUNT = frozenset({"imdb", "jellyfin"})
SUFFIXES = {"SERIES": "_series", "SEASON": "_season", "EPISODE": "_episode"}
NOT_OF_THE_MEDIA = frozenset({"tmdbcollection"})


def provider_ids(kind: str, ids: Mapping[str, Any]) -> list[dict[str, str]]:
    """externalIds of a media of a kind, by the names of the services; 0 and nothing are no ids."""
    found: dict[tuple[str, str], None] = {}
    for name, value in ids.items():
        source = name.strip().lower()
        if value in (None, "", 0, "0") or source in NOT_OF_THE_MEDIA or not isinstance(value, str | int):
            continue
        suffix = "" if source in ONE_COUNT else SUFFIXES.get(kind, "")
        found[f"{source}{suffix}", str(value).strip()] = None
    return [{"source": source, "value": value} for source, value in found]
