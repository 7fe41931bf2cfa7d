"""JSON lines: an object of a media a line, in the fields that GraphQL takes (sources/media_json.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import BinaryIO

from domain.exact_json import loads
from sources.binary_file import MAX_BYTES, UTF8_BOM, plain_name, shown
from sources.encodings import ENCODING, encoding_of_file
from sources.file_source import FileSource, numbers_in
from sources.format import Format
from sources.in_thread import Readings
from sources.json_breaks import problem_of
from sources.media_json import UnfitItem, item_of_json
from sources.source import Reading, Source, Unreadable
from sources.text_lines import first_utf8, opened_utf8

FINGERPRINT_BYTES = 16
GUESSED_FROM = 64 << 10


class JsonLinesSource(FileSource):
    """Positions: the bytes and lines before what comes next."""

    def __init__(self, location: str, encoding: str = "") -> None:
        super().__init__(location)
        self._encoding = encoding

    def readings(self, position: str) -> Readings:
        offset, number = numbers_in(position, 2)
        encoding = encoding_of_file(self.location, self._encoding, self.noticed)
        with opened_utf8(self.location, encoding, offset) as file:
            while line := file.readline(MAX_BYTES + 1):
                number += 1
                offset += len(line)
                if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                    offset += pass_line(file)
                    reason = f"The line has more than {MAX_BYTES} bytes."
                    yield Unreadable(f"line {number}", reason, shown(line), f"{offset}:{number}")
                    continue
                yield self._read(line, number, f"{offset}:{number}")

    def _read(self, line: bytes, number: int, position: str) -> Reading | None:
        text = (line.removeprefix(UTF8_BOM) if number == 1 else line).strip()
        if not text:
            return None
        try:
            found = item_of_json(loads(text), self.noticed)
        except UnfitItem as error:
            return Unreadable(f"line {number}", str(error), shown(line), position)
        except ValueError:
            problem = problem_of(text)
            reason = f"This is no JSON: {problem.reason} at byte {line.index(text) + problem.place + 1} of the line."
            return Unreadable(f"line {number}", reason, shown(line), position)
        fingerprint = blake2b(text, digest_size=FINGERPRINT_BYTES).digest()
        return replace(found, fingerprint=fingerprint, position=position)


def pass_line(file: BinaryIO) -> int:
    """Goes on to the next line; how many bytes that were."""
    passed = 0
    while rest := file.readline(MAX_BYTES):
        passed += len(rest)
        if rest.endswith(b"\n"):
            break
    return passed


def guess_json_lines(location: str) -> float:
    """By its name, and by a first line that is an object by itself."""
    start = first_utf8(location, GUESSED_FROM).lstrip()
    is_named = plain_name(location).endswith((".jsonl", ".ndjson"))
    line, newline, rest = start.partition(b"\n")
    try:
        is_object = isinstance(loads(line), dict)
    except ValueError:
        is_object = bool(line[:1] == b"{" and not newline and len(start) > GUESSED_FROM // 2)
    if is_named:
        return 0.9 if is_object or not start else 0.7
    return 0.6 if is_object and rest.lstrip()[:1] == b"{" else 0


def open_json_lines(location: str, options: Mapping[str, str]) -> Source:
    return JsonLinesSource(location, options.get("encoding", ""))


JSON_LINES = Format(
    name="jsonl",
    description="JSON lines: a media a line, in the fields of the GraphQL input MediaUpsert.",
    told_by="its lines are JSON objects",
    guess=guess_json_lines,
    open=open_json_lines,
    options=(ENCODING,),
)
