"""Items of an upsert, of what names and notes say. A note's word goes before a name's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from catalog.upsert.item import Item
from domain.bounds import COLUMNS, TITLE_LETTERS
from sources.folder.endings import stem_of
from sources.folder.files import FileState
from sources.folder.names import NameFacts
from sources.folder.nfo import Nfo
from sources.folder.nfo_values import ids_of, lists_of, stream_facts, values_of, whole_in
from sources.folder.titles import title_words
from sources.folder.units import FileUnit, SeasonUnit, SeriesUnit
from sources.provider_ids import provider_ids

MOVIE_NOTES = ("movie.nfo", "video_ts.nfo", "index.nfo")


def ids(nfo: Nfo, root: Element | None) -> dict[str, str]:
    """Those of a note; what its elements say goes before an address beside them."""
    return {**nfo.ids, **(ids_of(root) if root is not None else {})}


def with_lists(item: Item, lists: Mapping[str, Sequence[Any]]) -> Item:
    return replace(item, lists=lists)


def made(kind: str, values: Mapping[str, Any], root: Element | None, known: Mapping[str, str]) -> Item:
    """An item of what is known without notes, and of the notes."""
    told = values_of(root) if root is not None else {}
    lists: dict[str, Any] = lists_of(root) if root is not None else {}
    if known:
        lists["external_ids"] = provider_ids(kind, dict(sorted(known.items())))
    kept = {name: value for name, value in values.items() if value is not None}
    metadata = {**kept.pop("metadata", {}), **told.pop("metadata", {})}
    found = {**kept, **told, "kind": kind, **({"metadata": metadata} if metadata else {})}
    return Item(0, values={**found, "title": str(found["title"])[:TITLE_LETTERS]}, lists=lists)


def series(unit: SeriesUnit, root: Element | None, known: Mapping[str, str]) -> Item:
    return made("SERIES", {"title": unit.title, "year": unit.year}, root, known)


def season(unit: SeasonUnit, root: Element | None) -> Item:
    title = "Specials" if unit.number == 0 else f"Season {unit.number}"
    number = ids_of(root) if root is not None else {}
    item = made("SEASON", {"title": title}, root, number)
    return replace(item, values={**item.values, "season_number": unit.number})


def file(unit: FileUnit, nfo: Nfo, root: Element | None, rows: list[dict[str, Any]]) -> Item:
    """A movie, an episode or a clip with its files."""
    kind = "CLIP" if unit.clip is not None else "EPISODE" if unit.facts.is_episode else "MOVIE"
    if kind == "EPISODE":
        number = unit.facts.episodes[0] if unit.facts.episodes else None
        root = root_of_episode(nfo, unit.facts, number, 0)
        values = episode_values(unit, number)
    else:
        values = clip_values(unit) if kind == "CLIP" else {"title": unit.facts.title, "year": unit.facts.year}
    told = stream_facts(root) if root is not None else {}
    rows = [{**told, **row} for row in rows[:1]] + rows[1:]
    values = {**values, "runtime_minutes": longest_minutes(rows)}
    known = {**(unit.facts.ids if kind == "MOVIE" else {}), **ids(nfo, root)}
    item = made(kind, values, root, known)
    lists: dict[str, Any] = {**item.lists, "files": rows}
    if kind == "CLIP":
        lists["clip"] = {"duration_ms": rows[0].get("duration_ms"), "size": rows[0]["size"]}
    return replace(item, values={**item.values, **numbers_of(unit.facts, kind)}, lists=lists)


def numbers_of(facts: NameFacts, kind: str) -> dict[str, int]:
    if kind != "EPISODE":
        return {}
    found = {"season_number": facts.seasons[0] if len(facts.seasons) == 1 else None}
    found["episode_number"] = facts.episodes[0] if facts.episodes else None
    return {name: value for name, value in found.items() if value is not None}


def episode_values(unit: FileUnit, number: int | None) -> dict[str, Any]:
    facts = unit.facts
    values: dict[str, Any] = {"title": title_of_episode(unit, number), "year": None}
    metadata: dict[str, Any] = {}
    if facts.date is not None:
        values["year"] = facts.date.year
        metadata["premiered"] = facts.date.isoformat()
    if len(facts.episodes) > 1:
        metadata["episodes"] = list(facts.episodes)
    return {**values, "metadata": metadata}


def title_of_episode(unit: FileUnit, number: int | None) -> str:
    """The title in the name; a broadcast has its date in it, since titles come again."""
    facts = unit.facts
    if facts.date is not None:
        return f"{facts.episode_title} ({facts.date})" if facts.episode_title else facts.date.isoformat()
    if number is not None:
        title = facts.episode_title if len(facts.episodes) == 1 or number == facts.episodes[0] else None
        return title or f"Episode {number}"
    return facts.episode_title or title_words(stem_of(unit.names[0])) or facts.title or unit.key


def further_episode(unit: FileUnit, number: int, root: Element | None) -> Item:
    """An episode that is in the file of another: a file belongs to one media."""
    metadata = {"episodes": list(unit.facts.episodes), "in_file_of_episode": unit.facts.episodes[0]}
    values = {"title": f"Episode {number}", "metadata": metadata}
    item = made("EPISODE", values, root, ids_of(root) if root is not None else {})
    season = {"season_number": unit.facts.seasons[0]} if len(unit.facts.seasons) == 1 else {}
    return replace(item, values={**item.values, **season, "episode_number": number})


def root_of_episode(nfo: Nfo, facts: NameFacts, number: int | None, place: int) -> Element | None:
    """Notes of a file with several episodes have a root for each."""
    roots = [one for one in nfo.roots if one.tag.lower() == "episodedetails"] or list(nfo.roots[:1])
    for root in roots:
        if number is not None and whole_in(root, "media.episode_number", "episode") == number:
            return root
    if len(roots) != len(facts.episodes) and place > 0:
        return None
    return roots[place] if place < len(roots) else None


def clip_values(unit: FileUnit) -> dict[str, Any]:
    stem = title_words(stem_of(unit.names[0]))
    owner = unit.folder.path.split("/")[-2] if "/" in unit.folder.path and unit.folder.extra else ""
    title = f"{owner}: {stem}" if owner else stem
    return {"title": title or unit.key, "metadata": {"extra": unit.clip}}


def file_row(root: Path, one: FileState, hash: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a media's file; what ffprobe did not tell is not given."""
    path = os.fspath(root / one.path)
    return {"path": path, "size": one.size, "modified_at": one.modified_at, "hash": hash, **told}


def longest_minutes(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """How long the longest file runs, in minutes."""
    longest = max((row.get("duration_ms") or 0 for row in rows), default=0)
    minutes = round(longest / 60_000)
    return minutes if minutes and COLUMNS["media.runtime_minutes"].holds(minutes) else None
