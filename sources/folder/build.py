"""From a unit to what the import is given: its files, notes, pictures and subtitles are read here, in a thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from sources.folder import items
from sources.folder.disc import disc_state
from sources.folder.endings import stem_of
from sources.folder.files import FileState, UnfitFile, fingerprint_of, hash_of, state_of
from sources.folder.folders import season_of
from sources.folder.memo import READER_VERSION, memo_of_names
from sources.folder.nfo import Nfo, read_nfo
from sources.folder.probe import probe
from sources.folder.sidecars import (
    artwork,
    folder_pictures,
    names_in,
    notes_beside,
    own_pictures,
    own_subtitles,
    season_pictures,
    subtitles,
)
from sources.folder.units import SHOW_NOTES, FileUnit, SeasonUnit, SeriesUnit, Unit, bounded
from sources.folder.walk import Folder, unreadable_path
from sources.source import Reading, SourceItem, Unchanged, Unreadable
from sources.warnings import Warnings


@dataclass(frozen=True, slots=True)
class Builder:
    """ffprobe: the program, None where there is none."""

    root: Path
    ffprobe: str | None
    noticed: Warnings = field(default_factory=Warnings)

    def build(self, unit: Unit) -> list[Reading]:
        """The items of a unit, and what of it cannot be read. It never raises: what is wrong with one file is told."""
        if isinstance(unit, Unreadable):
            return [unit]
        try:
            if isinstance(unit, SeriesUnit):
                return self._series(unit)
            return self._season(unit) if isinstance(unit, SeasonUnit) else self._file(unit)
        except OSError as error:
            return [unreadable_path(unit.key, error)]

    def _series(self, unit: SeriesUnit) -> list[Reading]:
        faults: list[Reading] = []
        folder = self._listed(unit.folder)
        notes = self._present(folder, [name for name in folder.sidecars if name.lower() == SHOW_NOTES])
        nfo, root = self._notes(notes, "tvshow", faults)
        pictures = self._pictures(folder, folder_pictures(folder))
        item = items.series(unit, root, {**unit.facts.ids, **items.ids(nfo, root)} if unit.folder is not None else {})
        lists = with_rows(item.lists, artwork=artwork(self.root, pictures))
        mark = fingerprint_of([*notes, *(file for _, file in pictures)], READER_VERSION, unit.title, unit.year)
        return [*faults, SourceItem(unit.key, items.with_lists(item, lists), None, mark)]

    def _season(self, unit: SeasonUnit) -> list[Reading]:
        faults: list[Reading] = []
        above = self._listed(unit.series.folder)
        name = next((one for one in above.folders if season_of(one) == unit.number), None)
        folder = self._listed(above.path_of(name)) if name is not None else Folder("")
        notes = self._present(folder, [one for one in folder.sidecars if one.lower() == "season.nfo"])
        _, root = self._notes(notes, "season", faults)
        pictures = self._pictures(folder, folder_pictures(folder) if name is not None else [])
        pictures += self._pictures(above, season_pictures(above, unit.number))
        item = items.season(unit, root)
        lists = with_rows(item.lists, artwork=artwork(self.root, pictures))
        mark = fingerprint_of([*notes, *(file for _, file in pictures)], READER_VERSION, unit.number)
        return [*faults, SourceItem(unit.key, items.with_lists(item, lists), unit.series.key, mark)]

    def _file(self, unit: FileUnit) -> list[Reading]:
        faults: list[Reading] = []
        files = self._files(unit, faults)
        if not files:
            return faults
        folder = unit.folder.above if unit.folder.disc is not None and unit.folder.above is not None else unit.folder
        stems = [stem_of(name) for name in unit.names]
        alone = unit.alone and not unit.facts.is_episode and unit.clip is None
        notes = self._present(folder, notes_beside(folder, stems, items.MOVIE_NOTES if alone else ()))
        pictures = self._pictures(folder, own_pictures(folder, stems, alone=alone))
        beside = own_subtitles(self.root, folder, stems, alone=unit.alone)
        found = {file: beside[file.path] for file in self._states(list(beside))}
        sidecars = [*notes, *(file for _, file in pictures), *found]
        mark = fingerprint_of(
            [*files, *sidecars],
            READER_VERSION,
            self.ffprobe is not None,
            unit.alone,
            unit.facts,
        )
        is_same = not faults and is_known(unit, mark)
        if is_same and not has_further(unit):
            return [Unchanged(unit.key)]
        nfo, root = self._notes(notes, "", faults)
        further = self._further(unit, nfo, mark)
        if is_same and not faults:
            return [Unchanged(unit.key), *further]
        rows = self._rows(unit, files, faults)
        if not rows:
            return faults
        item = items.file(unit, nfo, root, rows)
        lists = with_rows(item.lists, artwork=artwork(self.root, pictures), subtitles=subtitles(self.root, found))
        # What has faults is read anew each time, so that these are told again.
        memo = b"" if faults else memo_of_names(unit.read)
        first = SourceItem(unit.key, items.with_lists(item, lists), unit.parent, mark, memo=memo)
        return [*faults, first, *further]

    def _further(self, unit: FileUnit, nfo: Nfo, mark: bytes) -> Iterator[SourceItem]:
        """Of a file with several episodes the ones behind the first: media of their own, without the file."""
        for place, number in enumerate(unit.facts.episodes[1:] if unit.facts.is_episode else (), 1):
            item = items.further_episode(unit, number, items.root_of_episode(nfo, unit.facts, number, place))
            yield SourceItem(bounded(f"{unit.key}#{number}"), item, unit.parent, mark)

    def _files(self, unit: FileUnit, faults: list[Reading]) -> list[FileState]:
        """The files that are there and have something in them."""
        found = []
        for path in [unit.folder.path] if unit.folder.disc is not None else map(unit.folder.path_of, unit.names):
            with noted(path, faults):
                file = state_of(self.root, path) if unit.folder.disc is None else disc_state(self.root, path)[0]
                if not file.size:
                    raise UnfitFile("It is empty: it has no bytes.")
                found.append(file)
        return found

    def _rows(self, unit: FileUnit, files: Sequence[FileState], faults: list[Reading]) -> list[dict[str, Any]]:
        """The files that can be read, with their hashes and what ffprobe says of them."""
        found = []
        for file in files:
            with noted(file.path, faults):
                if unit.folder.disc is None:
                    hash, told = hash_of(self.root, file), self._probed(file.path)
                else:
                    hash, told = disc_state(self.root, file.path)[1], {"container": unit.folder.disc}
                found.append(items.file_row(self.root, file, hash, told))
        return found

    def _probed(self, path: str) -> Mapping[str, Any]:
        return probe(self.ffprobe, self.root / path) if self.ffprobe is not None else {}

    def _listed(self, path: str | None) -> Folder:
        """A folder's sidecars and folders, listed anew: the walk may have left it, or not have reached it."""
        if path is None:
            return Folder("")
        folder = Folder(path)
        for name in names_in(self.root, path):
            if os.path.isdir(self.root / folder.path_of(name)):  # noqa: PTH112
                folder.folders.append(name)
            else:
                folder.sidecars.append(name)
        return folder

    def _present(self, folder: Folder, names: Sequence[str]) -> list[FileState]:
        return self._states([folder.path_of(name) for name in names])

    def _pictures(self, folder: Folder, named: Sequence[tuple[str, str]]) -> list[tuple[str, FileState]]:
        states = {file.path: file for file in self._states([folder.path_of(name) for _, name in named])}
        return [(type_, states[path]) for type_, name in named if (path := folder.path_of(name)) in states]

    def _states(self, paths: Sequence[str]) -> list[FileState]:
        """Of sidecars those that are there and have something in them."""
        found = []
        for path in paths:
            try:
                file = state_of(self.root, path)
            except (OSError, UnfitFile):
                continue
            if file.size:
                found.append(file)
        return found

    def _notes(self, files: Sequence[FileState], tag: str, faults: list[Reading]) -> tuple[Nfo, Element | None]:
        """The first .nfo that can be read, and its root of a tag, or its first. Without, the media gets in, too."""
        for file in files:
            try:
                nfo = read_nfo(self.root / file.path, self.noticed)
            except UnfitFile as error:
                faults.append(Unreadable(file.path, str(error)))
            except OSError as error:
                faults.append(unreadable_path(file.path, error))
            else:
                fitting = [one for one in nfo.roots if not tag or one.tag.lower() == tag]
                return nfo, fitting[0] if fitting else None
        return Nfo(), None


def is_known(unit: FileUnit, mark: bytes) -> bool:
    """Whether it is as it was at the last import, which had nothing to say against it."""
    return unit.known is not None and bool(unit.known.memo) and unit.known.is_same(unit.parent, mark)


def has_further(unit: FileUnit) -> bool:
    return unit.facts.is_episode and len(unit.facts.episodes) > 1


@contextmanager
def noted(path: str, faults: list[Reading]) -> Iterator[None]:
    """What is wrong with one file is told, and no more."""
    try:
        yield
    except UnfitFile as error:
        faults.append(Unreadable(path, str(error)))
    except OSError as error:
        faults.append(unreadable_path(path, error))


def with_rows(lists: Mapping[str, Sequence[Any]], **rows: list[Any]) -> dict[str, Sequence[Any]]:
    """Lists with further rows in front of their own; lists without any stay as they are."""
    return {**lists, **{name: [*more, *lists.get(name, ())] for name, more in rows.items() if more}}
