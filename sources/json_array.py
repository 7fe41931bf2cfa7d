"""JSON: an array of objects of media, or an object that holds one, read element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.exact_json import loads
from sources.binary_file import shown
from sources.encodings import ENCODING, encoding_of_file
from sources.file_source import END, FileSource, numbers_in
from sources.format import Format, Option
from sources.in_thread import Readings
from sources.json_elements import CUT, JsonArray, JsonElement, JsonElements, first_key
from sources.json_lines import GUESSED_FROM
from sources.json_scanner import JsonScanner, UnexpectedEnd
from sources.media_fields import LIST_FIELDS
from sources.media_json import UnfitItem, item_of_json
from sources.source import Reading, Source, SourceError, SourceItem, Unreadable
from sources.text_lines import first_utf8, opened_utf8


class JsonArraySource(FileSource):
    """Positions: the bytes and elements before what comes next. path: names of the objects that the array is within."""

    def __init__(self, location: str, path: str = "", encoding: str = "") -> None:
        super().__init__(location)
        self._encoding = encoding
        self._path = path.split(".") if path else []

    def readings(self, position: str) -> Readings:
        offset, number = numbers_in(position, 2)
        encoding = encoding_of_file(self.location, self._encoding, self.noticed)
        try:
            with opened_utf8(self.location, encoding) as file:
                scanner = JsonScanner(file)
                array = find_array(scanner, self._path)
                if array is None:
                    yield from () if offset else self._only_object(encoding)
                elif not offset:
                    yield from self._elements(scanner, array, 0)
            if array is not None and offset:
                with opened_utf8(self.location, encoding, offset) as file:
                    yield from self._elements(JsonScanner(file, offset), array, number)
        except UnexpectedEnd:
            yield Unreadable("element 1", CUT, position=END, stops=True)

    def _elements(self, scanner: JsonScanner, array: JsonArray, number: int) -> Readings:
        elements = JsonElements(scanner, array, number)
        for one in elements:
            yield None if one is None else self._read(one)
        for name in elements.other_arrays:
            self.noticed.add(f"The array {name} is not read: the option array says which one is.")

    def _only_object(self, encoding: str) -> Readings:
        """The one object of a file that holds no array of objects."""
        with opened_utf8(self.location, encoding) as file:
            for one in JsonElements(JsonScanner(file), JsonArray(), 0).only():
                yield self._read(one)

    def _read(self, one: JsonElement) -> Reading:
        if one.problem:
            return Unreadable(one.where, one.problem, shown(one.raw), one.position, one.stops)
        try:
            return replace(self.item(one.value), position=one.position)
        except UnfitItem as error:
            return Unreadable(one.where, str(error), shown(one.raw), one.position)

    def item(self, value: Any) -> SourceItem:
        """The item of an element, without its position; UnfitItem."""
        return item_of_json(value, self.noticed)


def find_array(scanner: JsonScanner, path: list[str], depth: int = 0) -> JsonArray | None:
    """Stands behind the bracket that opens the array: the only value of the file, or the one at `path` within objects,
    or, without one, the first array of objects that is no list of a media. None where there is none. SourceError."""
    if scanner.skip(b"["):
        return JsonArray(depth, first_key(scanner))
    if scanner.peek() == b"":
        raise SourceError("The file is empty.")
    if not scanner.skip(b"{"):
        raise SourceError("This is no JSON: it begins with neither [ nor {.")
    while scanner.peek() == b'"':
        name = member_name(scanner.value() or b'""')
        scanner.skip(b":")
        if path and name == path[0]:
            return find_array(scanner, path[1:], depth + 1)
        if not path and name not in LIST_FIELDS and scanner.skip(b"["):
            if scanner.peek() == b"{":
                return JsonArray(depth + 1, first_key(scanner))
            pass_array(scanner)
        else:
            scanner.value()
        scanner.skip(b",")
    if path:
        raise SourceError(f"There is no {path[0]} in this JSON, where the array was said to be.")
    return None


def member_name(text: bytes) -> Any:
    """SourceError for a text that is none."""
    try:
        return loads(text)
    except ValueError as error:
        raise SourceError(f"This is no JSON: the name {shown(text)} cannot be read.") from error


def pass_array(scanner: JsonScanner) -> None:
    """To the end of an array within which we stand."""
    while scanner.peek() != b"]":
        scanner.value()
        scanner.skip(b",")
    scanner.skip(b"]")


def begins_as(location: str) -> bytes:
    return first_utf8(location, GUESSED_FROM).lstrip()


def guess_json(location: str) -> float:
    """By what its text begins with."""
    return 0.4 if begins_as(location)[:1] in (b"[", b"{") else 0


def open_json(location: str, options: Mapping[str, str]) -> Source:
    return JsonArraySource(location, options.get("array", ""), options.get("encoding", ""))


JSON = Format(
    name="json",
    description="JSON: an array of media, or an object that holds one, in the fields of the GraphQL input MediaUpsert.",
    told_by="it is a JSON array or object",
    guess=guess_json,
    open=open_json,
    options=(
        Option("array", "Where the array stands within objects: data.movies.", "the first array of objects"),
        ENCODING,
    ),
)
