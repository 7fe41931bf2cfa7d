"""JSON of any size, value by value: where each begins and ends is found without reading it.

A value is read by a JSON parser only when it is whole, so that memory is bounded by one value, each has its place in
the file, and one that is wrong does not keep the next from being read. (A streaming parser such as ijson holds the path
of what it is in: 100 kB of opening brackets took all memory there was.)"""

from __future__ import annotations

import re
from typing import BinaryIO

from sources.binary_file import MAX_BYTES, UTF8_BOM
from sources.json_breaks import breaks_early

CHUNK_BYTES = 256 << 10
SPACE = re.compile(rb"[ \t\r\n]*+")
# Up to and with the next brackets of one kind that stand in no text. It ends without them at the end of the data, or
# before a text that is not whole.
TO_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+([{\[]++|[}\]]++)?', re.DOTALL)
REST_OF_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)
QUOTE = re.compile(rb'"?')
ONE_BYTE = re.compile(rb".?", re.DOTALL)
TO_SCALAR_END = re.compile(rb"[^,\]}\s]*+")


TO_ELEMENT = re.compile(rb'[^,\]\[{"]*+')
FIRST_CHECK_BYTES = 4 << 10
DEEP = 16  # a media is less deep: where brackets are not closed this is looked at early


class UnexpectedEnd(Exception):
    """The JSON ends in the middle of a value."""


class BrokenValue(Exception):
    """What is read of a value is no JSON, whatever comes behind it."""


class JsonScanner:
    """Goes through a file from where it stands."""

    def __init__(self, file: BinaryIO, offset: int = 0) -> None:
        self._file = file
        self._data = b""
        self._at = 0  # within the data
        self._base = offset  # of the data within the file
        self._kept: bytearray | None = None  # of the value that is being passed
        self._most = MAX_BYTES  # that are kept before they are looked at

    @property
    def offset(self) -> int:
        """The bytes before what comes next."""
        return self._base + self._at

    def _fill(self) -> bool:
        """More data behind what is there, without what lies behind us; False at the end of the file."""
        more = self._file.read(CHUNK_BYTES)
        self._base += self._at
        self._data = self._data[self._at :] + more
        self._at = 0
        return bool(more)

    def peek(self) -> bytes:
        """The next byte that is no white space, before which we then stand; empty at the end."""
        while True:
            if self.offset == 0 and self._data.startswith(UTF8_BOM):
                self._at = len(UTF8_BOM)
            if (found := SPACE.match(self._data, self._at)) is not None:
                self._at = found.end()
            if self._at < len(self._data):
                return self._data[self._at : self._at + 1]
            if not self._fill():
                return b""

    def skip(self, expected: bytes) -> bool:
        """Passes the next byte if it is this one."""
        found = self.peek() == expected
        self._at += found
        return found

    def value(self, *, checked: bool = False) -> bytes | None:
        """The next value as it is written, None for one of more than MAX_BYTES, which is passed. UnexpectedEnd.

        checked: with BrokenValue for one that is seen to be wrong before its end, which may not be where it seems."""
        first = self.peek()
        self._kept = bytearray()
        self._most = min(FIRST_CHECK_BYTES, MAX_BYTES) if checked else MAX_BYTES
        if first == b"":
            raise UnexpectedEnd
        if first in b"{[":
            self._pass_brackets()
        elif first == b'"':
            self._pass_text()
        else:
            self._pass_scalar()
        return None if self._kept is None else bytes(self._kept)

    def words(self) -> bytes | None:
        """All before the next comma, bracket or text; None for more than MAX_BYTES, which are passed."""
        self.peek()
        self._kept, self._most = bytearray(), MAX_BYTES
        while self._pass(TO_ELEMENT) and self._at == len(self._data) and self._fill():
            pass
        return self.kept()

    def kept(self) -> bytes | None:
        """What has been passed of the last value; None if that is too much."""
        return None if self._kept is None else bytes(self._kept)

    def go_back(self) -> None:
        """Stands before the last value again, of which all is kept; right behind it alone."""
        kept = bytes(self._kept or b"")
        if self._at >= len(kept):
            self._at -= len(kept)
            return
        self._base = self.offset - len(kept)
        self._data = kept + self._data[self._at :]
        self._at = 0

    def ahead(self, most: int) -> tuple[bytes, bool]:
        """What comes next, at most so many bytes, and whether that is all there is."""
        while (missing := most - (len(self._data) - self._at)) > 0:
            more = self._file.read(missing)
            if not more:
                return self._data[self._at :], True
            self._data = self._data[self._at :] + more
            self._base += self._at
            self._at = 0
        return self._data[self._at : self._at + most], False

    def move(self, count: int) -> None:
        """Passes bytes that `ahead` has given."""
        self._at += count

    def _pass(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Stands behind what fits, which may be nothing."""
        found = pattern.match(self._data, self._at)
        assert found is not None  # every pattern fits an empty text
        if self._kept is not None:
            self._kept += found[0]
        self._at = found.end()
        if self._kept is not None and len(self._kept) > self._most:
            self._look_at_kept()
        return found

    def _look_at_kept(self) -> None:
        if self._most >= MAX_BYTES:
            self._kept = None
        elif breaks_early(bytes(self._kept or b"")):
            raise BrokenValue
        else:
            self._most = min(self._most * 8, MAX_BYTES)

    def _give_back(self, count: int) -> None:
        """The last bytes that were passed, where they belong to what is around the value."""
        self._at -= count
        if self._kept is not None and count:
            del self._kept[-count:]

    def _need_more(self) -> None:
        if not self._fill():
            raise UnexpectedEnd

    def _pass_brackets(self) -> None:
        depth, next_look = 0, DEEP
        while True:
            brackets = self._pass(TO_BRACKET)[1]
            if brackets is not None and brackets[0] in b"{[":
                depth += len(brackets)
                if depth >= next_look and self._kept is not None and self._most < MAX_BYTES:
                    next_look *= 8
                    self._look_at_kept()
            elif brackets is not None:
                depth -= len(brackets)
                if depth <= 0:
                    self._give_back(-depth)
                    return
            elif self._at < len(self._data):
                self._pass_text()
            else:
                self._need_more()

    def _pass_text(self) -> None:
        self._pass(QUOTE)
        while not self._pass(REST_OF_TEXT)[1]:
            self._need_more()

    def _pass_scalar(self) -> None:
        """A number or a word, else one byte: something is passed in any case."""
        start = self.offset
        while True:
            self._pass(TO_SCALAR_END)
            if self._at < len(self._data) or not self._fill():
                break
        if self.offset == start:
            self._pass(ONE_BYTE)
