"""Collections that are arrays of records of their own fields, in one JSON file or in several of a folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from domain.exact_json import loads
from sources.binary_file import plain_name
from sources.file_source import END, FileSource
from sources.in_thread import Readings
from sources.json_array import JsonArraySource, begins_as
from sources.json_scanner import JsonScanner, UnexpectedEnd
from sources.media_json import UnfitItem, item_of_json
from sources.source import Reading, SourceError, SourceItem, Unreadable
from sources.warnings import Warnings

# JSON of a media (sources/media_json.py) of a record; ValueError, UnfitItem.
ReadRecord: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]


class RecordFile(JsonArraySource):
    """One file of a collection."""

    def __init__(self, location: str, read: ReadRecord, encoding: str, noticed: Warnings) -> None:
        super().__init__(location, encoding=encoding)
        self._read_record = read
        self.noticed = noticed

    def item(self, value: Any) -> SourceItem:
        if not isinstance(value, dict):
            raise UnfitItem([], "An object is needed here.")
        try:
            return item_of_json(self._read_record(value), self.noticed)
        except ValueError as error:
            raise UnfitItem([], str(error)) from error


class RecordFiles(FileSource):
    """All files of a collection in the order of their names. Positions: the name of a file, and the place in it."""

    def __init__(self, location: str, read: ReadRecord, encoding: str = "") -> None:
        super().__init__(location)
        self._encoding = encoding
        self._read_record = read

    def readings(self, position: str) -> Readings:
        name, _, within = position.rpartition("|")
        several = Path(self.location).is_dir()
        for path in json_files(self.location):
            if path.name < name:
                continue
            file = RecordFile(str(path), self._read_record, self._encoding, self.noticed)
            try:
                for one in file.guarded(within if path.name == name else ""):
                    yield one if one is None else placed_in(path.name if several else "", one, path.name)
            except SourceError as error:
                if not several:
                    raise
                yield Unreadable(path.name, str(error), position=f"{path.name}|{END}", stops=True)


def placed_in(file: str, one: Reading, name: str) -> Reading:
    """A reading of one of several files, which `file` tells."""
    position = f"{name}|{one.position}"
    if not file or not isinstance(one, Unreadable):
        return replace(one, position=position)
    return replace(one, where=f"{file} {one.where}", position=position)


def json_files(location: str) -> list[Path]:
    """The file, or the JSON files of a folder; SourceError where it has none."""
    path = Path(location)
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if plain_name(str(one)).endswith(".json") and one.is_file())
    if not found:
        raise SourceError(f"{location} holds no JSON file.")
    return found


def first_record(location: str) -> Mapping[str, Any]:
    """The first record of a collection, by which it is known; empty where there is none."""
    try:
        start = begins_as(str(json_files(location)[0]))
        scanner = JsonScanner(io.BytesIO(start))
        record = loads(scanner.value() or b"") if scanner.skip(b"[") else None
    except (OSError, ValueError, SourceError, UnexpectedEnd):
        return {}
    return record if isinstance(record, dict) else {}
