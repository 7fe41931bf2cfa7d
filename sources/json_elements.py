"""The elements of a JSON array one by one; one that is broken is told, and reading goes on with the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.exact_json import loads
from sources.binary_file import MAX_BYTES, shown
from sources.file_source import END
from sources.json_breaks import TOO_DEEP, Break, problem_of
from sources.json_recovery import Broken, Doubt, Lookahead, broken_at, next_element
from sources.json_scanner import BrokenValue, JsonScanner, UnexpectedEnd

SEEN_BYTES = 64 << 10
# Behind what is broken. The next element is near, most often: the more breaks, the less is looked at for each.
LOOKED_AT_BYTES = (4 << 10, 256 << 10, MAX_BYTES)
NAMED_ARRAYS = 10
FIRST_KEY = re.compile(rb'\{[ \t\r\n]*+"([^"\\]++)"[ \t\r\n]*+:')
GOES_ON = re.compile(rb'[, \t\r\n]*+(?P<list>\[?)[ \t\r\n]*+(?P<object>\{[ \t\r\n]*+"(?P<key>[^"\\]++)"[ \t\r\n]*+:)')
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
        self._is_over = False
        self.other_arrays: list[str] = []

    def __iter__(self) -> Iterator[JsonElement | None]:
        """None now and then where nothing is found for long, so that reading can be stopped."""
        while not self._is_over:
            if self._scanner.skip(b"]"):
                self._is_over = True
                yield from self._behind_array()
                continue
            self._number += 1
            yield (found := self._element())
            self._is_over = found.stops

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
        try:
            is_found = self._find_within(raw, found, is_whole)
        except Doubt:
            is_found = is_whole = False
        if not is_found and not is_whole:
            return self._told(place, reason + NO_FURTHER, raw, stops=True)
        self._scanner.skip(b",")
        return self._told(place, f"{reason} Reading goes on behind byte {self._scanner.offset}.", raw)

    def _find_within(self, raw: bytes, found: Break, is_whole: bool) -> bool:
        """Stands at the next element if there is one, else behind what is whole. Doubt."""
        self._scanner.go_back()
        # A bracket that closes an array does not close this element: it is that of the array around it.
        end = len(raw) - (raw[:1] == b"{" and raw[-1:] == b"]")
        until = end if is_whole else None
        if found.reason != TOO_DEEP and self._find(broken_at(raw, found.place), len(raw), until):
            return True
        self._scanner.move(end)
        return False

    def _find(self, broken: Broken, known: int = 0, until: int | None = None) -> bool:
        """Goes to the next element, which begins before so many bytes; `known` ones and more are looked at. Doubt where
        there may be one."""
        if self._array.key is None:
            return False
        key, depth = self._array.key.decode("latin-1"), self._array.depth
        for more in LOOKED_AT_BYTES:
            data, is_end = self._scanner.ahead(known + more)
            is_all = is_end or more == LOOKED_AT_BYTES[-1]
            ahead = Lookahead(data.decode("latin-1"), depth, key, is_end, is_all)
            try:
                at = next_element(ahead, broken, len(data) if until is None else until)
            except Doubt:
                if is_all:
                    raise
                continue
            if at is not None:
                self._scanner.move(at)
                return True
            if is_all or until is not None:
                break
        return False

    def _find_behind(self) -> bool:
        try:
            return self._find(Broken())
        except Doubt:
            return False

    def _stray(self, place: int, raw: bytes) -> JsonElement:
        """A text or a list that is followed by neither a comma nor the end: the rest of an element, perhaps."""
        reason = f"This is no JSON: Expecting ',' delimiter at byte {self._scanner.offset + 1}."
        if not self._find_behind():
            return self._told(place, reason + NO_FURTHER, raw, stops=True)
        return self._told(place, f"{reason} Reading goes on behind byte {self._scanner.offset}.", raw)

    def _behind_array(self) -> Iterator[JsonElement | None]:
        """Nothing where only the rest of the objects around the array comes."""
        scanner = self._scanner
        closed, is_right, is_passed = 0, True, False
        try:
            while is_right and closed < self._array.depth:
                yield None
                if scanner.skip(b","):
                    is_passed |= scanner.peek() == b'"'
                    is_right = scanner.peek() == b'"' and self._pass_member()
                elif is_right := scanner.skip(b"}"):
                    closed += 1
                elif scanner.peek() == b"":
                    raise UnexpectedEnd
        except UnexpectedEnd:
            yield self._told(scanner.offset, CUT, stops=True, is_element=False)
            return
        if not is_right or scanner.peek() != b"":
            yield self._more_behind(may_go_on=closed == self._array.depth or not is_passed)

    def _pass_member(self) -> bool:
        """Passes a name and its value; False where that is none. UnexpectedEnd."""
        name = self._scanner.value() or b""
        if not self._scanner.skip(b":"):
            return False
        if self._scanner.peek() == b"[" and len(self.other_arrays) < NAMED_ARRAYS:
            self.other_arrays.append(shown(name.strip(b'"')))
        value = self._scanner.value() or b""
        return value[:1] + value[-1:] not in (b"[}", b"{]")

    def _more_behind(self, *, may_go_on: bool) -> JsonElement:
        place, raw = self._scanner.offset, self._scanner.ahead(SHOWN_BYTES)[0]
        if may_go_on and (self._goes_on() or (not self._array.depth and self._find_behind())):
            self._is_over = False
            return self._told(place, MORE_BEHIND, raw, is_element=False)
        return self._told(place, MORE_BEHIND + NO_FURTHER, raw, stops=True, is_element=False)

    def _goes_on(self) -> bool:
        """Goes to an element that comes right behind the end of the array, as where that has a bracket too many."""
        found = GOES_ON.match(self._scanner.ahead(SEEN_BYTES)[0])
        if found is None or found["key"] != self._array.key or (found["list"] and self._array.depth):
            return False
        self._scanner.move(found.start("object"))
        return True

    def _told(
        self, place: int, problem: str, raw: bytes = b"", *, stops: bool = False, is_element: bool = True
    ) -> JsonElement:
        where = self._where(place) if is_element else f"byte {place + 1}"
        return JsonElement(where, END if stops else self._position(), problem=problem, raw=raw, stops=stops)

    def _where(self, place: int) -> str:
        return f"element {self._number}, byte {place + 1}"

    def _position(self) -> str:
        return f"{self._scanner.offset}:{self._number}"
