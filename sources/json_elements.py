"""The elements of a JSON array one by one; one that is broken is told, and reading goes on with the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.exact_json import loads
from sources.binary_file import MAX_BYTES
from sources.file_source import END
from sources.json_breaks import TOO_DEEP, Break, beginning_with, next_element, problem_of, search_from
from sources.json_scanner import BrokenValue, JsonScanner, UnexpectedEnd

SEEN_BYTES = 64 << 10
LOOKED_AT_BYTES = (256 << 10, 4 << 20)  # behind what is broken: the next element is near, most often
FIRST_KEY = re.compile(rb'\{[ \t\r\n]*+"([^"\\]++)"[ \t\r\n]*+:')
SHOWN_BYTES = 1_200
CUT = "The JSON ends in the middle."
MORE_BEHIND = "There is more behind the end of the JSON."
NO_FURTHER = " What comes then is not read, since no further element is found in it."


@dataclass(frozen=True, slots=True)
class JsonArray:
    """What is known of an array before it is read. depth: of the objects around it. key: the first of its objects."""

    depth: int = 0
    key: bytes | None = None


def first_key(scanner: JsonScanner) -> bytes | None:
    """The key that the objects of an array begin with, if it is to be seen soon."""
    found = FIRST_KEY.search(scanner.ahead(SEEN_BYTES)[0])
    return found[1] if found is not None else None


@dataclass(frozen=True, slots=True)
class JsonElement:
    """An element, or where and why there is none, with the text as far as it was read. position: of what comes next.

    stops: what comes next is not read."""

    where: str
    position: str
    value: Any = None
    problem: str = ""
    raw: bytes = b""
    stops: bool = False


class JsonElements:
    """From where the scanner stands, before an element or the end of the array, behind so many elements.

    other_arrays: names of arrays behind this one, which are not read; known at the end."""

    def __init__(self, scanner: JsonScanner, array: JsonArray, number: int) -> None:
        self._scanner = scanner
        self._array = array
        self._number = number
        self._beginning = None if array.key is None else beginning_with(array.key)
        self.other_arrays: list[str] = []

    def __iter__(self) -> Iterator[JsonElement]:
        while True:
            if not self._scanner.skip(b"]"):
                self._number += 1
                found: JsonElement | None = self._element()
            else:
                found = self._behind_array()
            if found is not None:
                yield found
            if found is None or found.stops:
                return

    def only(self) -> Iterator[JsonElement]:
        """The one value of a file."""
        self._number += 1
        yield (found := self._element())
        if not found.stops and self._scanner.peek() != b"":
            raw = self._scanner.ahead(SHOWN_BYTES)[0]
            yield self._told(self._scanner.offset, MORE_BEHIND + NO_FURTHER, raw, stops=True, is_element=False)

    def _element(self) -> JsonElement:
        scanner = self._scanner
        first = scanner.peek()
        place = scanner.offset
        if first == b"":
            return self._told(place, CUT, stops=True)
        try:
            raw = scanner.value(checked=True) if first in b'{["' else scanner.words()
            value = None if raw is None else loads(raw)
        except UnexpectedEnd:
            return self._cut(place)
        except BrokenValue:
            return self._broken(place, is_whole=False)
        except ValueError:
            return self._broken(place, is_whole=True)
        if raw is None:
            scanner.skip(b",")
            return self._told(place, f"It has more than {MAX_BYTES} bytes.")
        if not scanner.skip(b",") and first != b"{" and scanner.peek() not in (b"]", b""):
            return self._stray(place, raw)
        return JsonElement(self._where(place), self._position(), value, raw=raw)

    def _cut(self, place: int) -> JsonElement:
        """A value that goes on to the end of the file: it ends there, or something in it is not closed."""
        raw = self._scanner.kept()
        if raw is None:
            reason = f"It has more than {MAX_BYTES} bytes, and no end."
            return self._told(place, reason, stops=True)
        if problem_of(raw).is_cut:
            return self._told(place, CUT, raw, stops=True)
        return self._broken(place, is_whole=False)

    def _broken(self, place: int, *, is_whole: bool) -> JsonElement:
        """Goes on with the next element, which may begin within what was taken for this one.

        is_whole: whether the brackets are closed, so that this one ends there at the latest."""
        raw = self._scanner.kept() or b""
        found = problem_of(raw)
        reason = f"This is no JSON: {found.reason} at byte {place + found.place + 1}."
        is_found = self._find_within(raw, found, is_whole)
        if not is_found and not is_whole:
            return self._told(place, reason + NO_FURTHER, raw, stops=True)
        self._scanner.skip(b",")
        return self._told(place, reason, raw)

    def _find_within(self, raw: bytes, found: Break, is_whole: bool) -> bool:
        """Stands at the next element if there is one, else behind what is whole."""
        self._scanner.go_back()
        after, until = search_from(raw, found.place), len(raw) if is_whole else None
        if found.reason != TOO_DEEP and self._may_begin_in(raw, after, until) and self._find(after, len(raw), until):
            return True
        # A bracket that closes an array does not close this element: it is that of the array around it.
        self._scanner.move(len(raw) - (raw[:1] == b"{" and raw[-1:] == b"]"))
        return False

    def _may_begin_in(self, raw: bytes, after: int, until: int | None) -> bool:
        """Whether an element may begin there, so that what follows is worth reading."""
        return self._beginning is not None and (until is None or self._beginning.search(raw, after) is not None)

    def _find(self, after: int, known: int = 0, until: int | None = None) -> bool:
        """Goes to the next element, behind so many bytes and before others; `known` ones and more are looked at."""
        if self._beginning is None:
            return False
        for more in LOOKED_AT_BYTES if until is None else LOOKED_AT_BYTES[:1]:
            data, is_end = self._scanner.ahead(known + more)
            most = len(data) if until is None else until
            at = next_element(data, after, most, self._beginning, self._array.depth, is_end)
            if at is not None:
                self._scanner.move(at)
                return True
        return False

    def _stray(self, place: int, raw: bytes) -> JsonElement:
        """A text or a list that is followed by neither a comma nor the end: the rest of an element, perhaps."""
        end = self._scanner.offset
        self._find(0)
        return self._told(place, f"This is no JSON: Expecting ',' delimiter at byte {end + 1}.", raw)

    def _behind_array(self) -> JsonElement | None:
        """None where nothing but the ends of the objects around the array comes."""
        scanner = self._scanner
        try:
            if self._is_end():
                return None
        except UnexpectedEnd:
            return self._told(scanner.offset, CUT, stops=True, is_element=False)
        place, raw = scanner.offset, scanner.ahead(SHOWN_BYTES)[0]
        if self._find(0):
            return self._told(place, MORE_BEHIND, raw, is_element=False)
        return self._told(place, MORE_BEHIND + NO_FURTHER, raw, stops=True, is_element=False)

    def _is_end(self) -> bool:
        """Goes through what comes behind the array. UnexpectedEnd."""
        scanner = self._scanner
        for _ in range(self._array.depth):
            while scanner.skip(b","):
                if scanner.peek() != b'"':
                    return False
                name = scanner.value() or b""
                if not scanner.skip(b":"):
                    return False
                if scanner.peek() == b"[":
                    self.other_arrays.append(name.decode(errors="replace").strip('"'))
                scanner.value()
            if scanner.peek() == b"":
                raise UnexpectedEnd
            if not scanner.skip(b"}"):
                return False
        return scanner.peek() == b""

    def _told(
        self, place: int, problem: str, raw: bytes = b"", *, stops: bool = False, is_element: bool = True
    ) -> JsonElement:
        where = self._where(place) if is_element else f"byte {place + 1}"
        return JsonElement(where, END if stops else self._position(), problem=problem, raw=raw, stops=stops)

    def _where(self, place: int) -> str:
        return f"element {self._number}, byte {place + 1}"

    def _position(self) -> str:
        return f"{self._scanner.offset}:{self._number}"
