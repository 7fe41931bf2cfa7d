"""Which files make one media: parts, versions, discs; and on which series and seasons it hangs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TypeAlias

from domain.text import fold
from sources.folder.endings import OVER, extra_of, stem_of
from sources.folder.folders import season_of, title_and_year
from sources.folder.names import NameFacts
from sources.folder.titles import title_words
from sources.folder.walk import Folder
from sources.source import KnownReading, Unreadable

MAX_PATH_KEY_LETTERS = 1_000
MAX_PATH_KEY_BYTES = 2_000
MAX_FILES = 64  # of one media
SHOW_NOTES = "tvshow.nfo"


@dataclass(frozen=True, slots=True)
class SeriesUnit:
    """A series. folder: its own, None where its episodes lie among other media."""

    key: str
    title: str
    year: int | None
    folder: str | None
    facts: NameFacts


@dataclass(frozen=True, slots=True)
class SeasonUnit:
    key: str
    number: int
    series: SeriesUnit


@dataclass(frozen=True, slots=True)
class FileUnit:
    """A movie, an episode or a clip with its files, by name; of a disc its folder alone. alone: no other media is in
    the folder. clip: which sort of extra it is. known: of an earlier import; read: what each of its names says,
    by path."""

    key: str
    folder: Folder
    names: Sequence[str]
    facts: NameFacts
    parent: str | None = None
    alone: bool = False
    clip: str | None = None
    known: KnownReading | None = None
    read: Mapping[str, NameFacts] = field(default_factory=dict)


Unit: TypeAlias = "SeriesUnit | SeasonUnit | FileUnit | Unreadable"


@dataclass(frozen=True, slots=True)
class NamedVideo:
    """A video with what its name says, and what is known of it as a key."""

    name: str
    facts: NameFacts
    known: KnownReading | None = None


Named: TypeAlias = "tuple[Folder | Unreadable, Sequence[NamedVideo]]"


def main_videos(folder: Folder, clips: bool) -> list[str]:
    """What becomes media; samples never do, other extras where they are asked for."""
    if folder.disc is not None:
        return [folder.name]
    kept = []
    for name in folder.videos:
        extra = extra_of(name, folder.extra)
        if extra is None or (clips and extra not in OVER):
            kept.append(name)
    return kept


def path_of_video(folder: Folder, name: str) -> str:
    """From the root; of a disc that of its folder."""
    return folder.path if folder.disc is not None else folder.path_of(name)


def is_alone(folder: Folder, count: int) -> bool:
    """Whether so many files are all that the folder has, extras aside."""
    if folder.main_count is None:
        folder.main_count = len(main_videos(folder, clips=False))
    return folder.main_count == count


class Assembler:
    """Puts files together, one folder after the other. Series and seasons are told before what hangs on them, once."""

    def __init__(self, root_name: str) -> None:
        self._root_name = root_name
        self._told: dict[str, str] = {}  # keys of series and seasons, with the folder after which they are forgotten

    def units(self, named: Iterable[Named]) -> Iterator[Unit]:
        """Files that follow each other and mean the same are one media."""
        open_: FileUnit | None = None
        for folder, names in named:
            if open_ is not None and open_.folder is not folder:
                # Before what it hangs on is forgotten: else that would be told twice.
                yield from self._with_parents(open_)
                open_ = None
            if isinstance(folder, Unreadable):
                yield folder
                continue
            self._forget(folder)
            for video in names:
                unit = self._unit(folder, video)
                if open_ is not None and is_same(open_, unit):
                    open_ = joined(open_, unit)
                    continue
                if open_ is not None:
                    yield from self._with_parents(open_)
                open_ = unit
        if open_ is not None:
            yield from self._with_parents(open_)

    def _forget(self, folder: Folder) -> None:
        """What the walk has left it does not come back to."""
        self._told = {key: scope for key, scope in self._told.items() if is_within(folder.path, scope)}

    def _unit(self, folder: Folder, video: NamedVideo) -> FileUnit:
        name, facts = video.name, video.facts
        read = {path_of_video(folder, name): facts}
        if folder.disc is not None:
            return FileUnit(bounded(folder.path), folder, [], facts, alone=True, known=video.known, read=read)
        clip = extra_of(name, folder.extra)
        if clip is None and not facts.title and not facts.is_episode:
            facts = titled(facts, title_words(stem_of(name)) or name)
        alone = clip is None and is_alone(folder, 1)
        key = bounded(folder.path_of(name))
        return FileUnit(key, folder, [name], facts, alone=alone, clip=clip, known=video.known, read=read)

    def _with_parents(self, unit: FileUnit) -> Iterator[Unit]:
        if unit.clip is not None or not unit.facts.is_episode:
            yield unit
            return
        series = self._series(unit)
        scope = unit.folder.path if series.folder is None else series.folder
        if self._tell(series.key, scope):
            yield series
        parent = series.key
        if len(unit.facts.seasons) == 1:
            season = SeasonUnit(bounded(f"{series.key}?season={unit.facts.seasons[0]}"), unit.facts.seasons[0], series)
            if self._tell(season.key, scope):
                yield season
            parent = season.key
        yield replace(unit, parent=parent)

    def _tell(self, key: str, scope: str) -> bool:
        is_new = key not in self._told
        self._told[key] = scope
        return is_new

    def _series(self, unit: FileUnit) -> SeriesUnit:
        folder, facts = unit.folder, unit.facts
        own = own_folder(folder, facts)
        name = self._root_name if own == "" else None if own is None else own.rpartition("/")[2]
        of_folder, year = title_and_year(name) if name else (None, None)
        title = (
            facts.title
            or title_words(of_folder or "")
            or title_words(folder.name or self._root_name)
            or self._root_name
        )
        if facts.country and fold(facts.country) not in fold(title).split():
            title = f"{title} ({facts.country})"
        year = facts.year or year
        if own is not None:
            return SeriesUnit(bounded(f"{own or '.'}/"), title, year, own, facts)
        key = folder.path_of(f"?series={fold(title)}" + (f"|{year}" if year else ""))
        return SeriesUnit(bounded(key), title, year, None, facts)


def own_folder(folder: Folder, facts: NameFacts) -> str | None:
    """The folder that is a series' own: the one above a season's, one that is called like it or has its tvshow.nfo."""
    if folder.path and season_of(folder.name) is not None and folder.above is not None:
        return folder.above.path
    if any(name.lower() == SHOW_NOTES for name in folder.sidecars):
        return folder.path
    of_folder, _ = title_and_year(folder.name)
    if of_folder is not None and (not facts.title or called_alike(title_words(of_folder), facts)):
        return folder.path
    if (
        folder.above is not None
        and folder.above.path
        and any(one.lower() == SHOW_NOTES for one in folder.above.sidecars)
    ):
        return folder.above.path
    return None


def called_alike(title: str, facts: NameFacts) -> bool:
    one = re.sub(r"\W+", " ", fold(title)).strip()
    return one in {
        re.sub(r"\W+", " ", fold(text)).strip()
        for text in (facts.title, f"{facts.title} {facts.country or ''}", f"{facts.title} {facts.year or ''}")
    }


def is_same(one: FileUnit, other: FileUnit) -> bool:
    """Whether the second file is a further part or version of the first."""
    if one.folder is not other.folder or one.clip is not None or other.clip is not None or one.folder.disc is not None:
        return False
    first, second = one.facts, other.facts
    if first.date is not None or len(one.names) >= MAX_FILES:
        return False
    if first.is_episode and not first.episodes:
        return False
    return identity(first) == identity(second)


def identity(facts: NameFacts) -> tuple[object, ...]:
    return facts.is_episode, fold(facts.title), facts.year, facts.seasons, facts.episodes, facts.date, facts.country


def joined(one: FileUnit, other: FileUnit) -> FileUnit:
    names = [*one.names, *other.names]
    return replace(one, names=names, alone=is_alone(one.folder, len(names)), read={**one.read, **other.read})


def titled(facts: NameFacts, title: str) -> NameFacts:
    return NameFacts(title, facts.is_episode, facts.year, ids=facts.ids)


def is_within(path: str, scope: str) -> bool:
    return not scope or path == scope or path.startswith(f"{scope}/")


def bounded(key: str) -> str:
    """A key of any length within what a key may be: of a long one the rest is a hash."""
    if len(key) <= MAX_PATH_KEY_LETTERS and len(os.fsencode(key)) <= MAX_PATH_KEY_BYTES:
        return key
    hashed = blake2b(os.fsencode(key), digest_size=16).hexdigest()
    return f"{key[: MAX_PATH_KEY_LETTERS // 2]}#{hashed}"
