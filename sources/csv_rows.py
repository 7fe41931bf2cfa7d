"""Rows of CSV as they are found: delimiter and encoding are found out, rows that do not fit are told, none is too long.

A quotation mark that is never closed would take the rest of the file into one row. A row of several lines that does not
fit is therefore given up after its first line, and what follows is read anew."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

from sources.binary_file import shown
from sources.source import SourceError
from sources.text_lines import is_damaged, opened_text

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE_LETTERS = 1 << 20
MAX_ROW_LINES = 200
LINE_ENDS = ("\n", "\r")
SNIFFED_LINES = 50
DAMAGED_ROW = "It has bytes that do not fit the encoding of the file: the option encoding says another."
UNCLOSED = "A quotation mark in it is not closed."
EXCEL_HINT = re.compile(r"sep=(.)\s*")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row, or why there is none. line: its first one, from 1; end: the lines up to and with its last one."""

    line: int
    end: int
    values: list[str]
    error: str = ""
    raw: str = ""


class RowTooLong(Exception):
    """A row has too many lines, or one that is too long."""


class Lines:
    """The lines of a text, of which some can be given back. row: those since the last `begin`."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: list[str] = []
        self.row: list[str] = []
        self.passed = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        is_new = not self._back
        line = self._file.readline(MAX_LINE_LETTERS) if is_new else self._back.pop()
        if not line:
            raise StopIteration
        self.passed += 1
        self.row.append(line)
        if len(line) == MAX_LINE_LETTERS and not line.endswith(LINE_ENDS):
            while is_new and (rest := self._file.readline(MAX_LINE_LETTERS)) and not rest.endswith(LINE_ENDS):
                pass
            raise RowTooLong
        if len(self.row) > MAX_ROW_LINES:
            raise RowTooLong
        return line

    def begin(self) -> None:
        self.row = []

    def give_back(self, kept: int) -> None:
        """All lines of the row but so many."""
        again = self.row[kept:]
        self._back += reversed(again)
        self.passed -= len(again)
        self.row = self.row[:kept]


class CsvReader:
    """Reads a text from its header on. header: the names of the columns."""

    def __init__(self, file: TextIO, delimiter: str = "") -> None:
        self._lines = Lines(file)
        self._errors = file.errors
        self._delimiter = self._sniffed(delimiter)
        self.header = next((row.values for row in self._rows() if not row.error), [])

    def _sniffed(self, delimiter: str) -> str:
        """The delimiter that is given, or with which the first lines look most like rows."""
        with suppress(RowTooLong):
            for _ in zip(range(SNIFFED_LINES), self._lines, strict=False):
                pass
        first = self._lines.row
        hint = EXCEL_HINT.fullmatch(first[0]) if first else None
        self._lines.give_back(1 if hint else 0)
        self._lines.begin()
        return delimiter or (hint[1] if hint else max(DELIMITERS, key=lambda one: likeness(first, one)))

    def rows(self, after: int = 0) -> Iterator[CsvRow]:
        """The rows behind the header, or behind so many lines; blank ones are left out."""
        while self._lines.passed < after and next(self._lines, None) is not None:
            self._lines.begin()
        return self._rows(len(self.header))

    def _rows(self, width: int = 0) -> Iterator[CsvRow]:
        while True:
            self._lines.begin()
            start = self._lines.passed
            values, error = self._next()
            if not self._lines.row:
                return
            if not error and any(value.strip() for value in values):
                values, error = fitted(values, width)
                error = error or (DAMAGED_ROW if self._is_damaged() else "")
            if error and len(self._lines.row) > 1:
                self._lines.give_back(1)
                values, error = self._without_quotes(width, error)
            if error or any(value.strip() for value in values):
                raw = shown("".join(self._lines.row)) if error else ""
                yield CsvRow(start + 1, self._lines.passed, values, error, raw)

    def _next(self) -> tuple[list[str], str]:
        """The values of the next row, or what is wrong with it."""
        try:
            values = next(csv.reader(self._lines, delimiter=self._delimiter), [])
            return values, "" if len(self._lines.row) < 2 or self._is_closed() else UNCLOSED
        except csv.Error as error:
            return [], f"This is no row: {error}."
        except RowTooLong:
            return [], f"A row has at most {MAX_ROW_LINES} lines of {MAX_LINE_LETTERS} letters."

    def _without_quotes(self, width: int, error: str) -> tuple[list[str], str]:
        """The first line of such a row as it is, if that fits: texts between tabs have quotation marks of their own."""
        if self._delimiter != "\t":
            return [], error
        values = self._lines.row[0].rstrip("\r\n").split("\t")
        return (values, "") if len(values) == width else ([], error)

    def _is_closed(self) -> bool:
        """Whether a row of several lines is one by the letter: csv is so lenient that it may have taken too much."""
        try:
            next(csv.reader(self._lines.row, delimiter=self._delimiter, strict=True), None)
        except csv.Error:
            return False
        return True

    def _is_damaged(self) -> bool:
        return any(is_damaged(line, self._errors) for line in self._lines.row)


def fitted(values: list[str], width: int) -> tuple[list[str], str]:
    """The values of as many columns as there are names; nothing stands in others. Or what is wrong."""
    if not width or (len(values) >= width and not any(value.strip() for value in values[width:])):
        return values[: width or None], ""
    return [], f"It has {len(values)} columns, the header {width}."


def likeness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """How much lines look like rows with a delimiter: the part that has as many columns as the first, and how many."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] < 2:
        return 0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def delimiter_of(given: str) -> str:
    """SourceError for what csv takes for none."""
    read = given.replace("\\t", "\t")
    if len(read) > 1 or read in ("\r", "\n", '"', "\0"):
        raise SourceError("The delimiter is one letter, for example ;.")
    return read


@contextmanager
def opened_csv(location: str, encoding: str = "", delimiter: str = "") -> Iterator[CsvReader]:
    """SourceError where it has no header, or cannot be read."""
    with opened_text(location, encoding) as file:
        reader = CsvReader(file, delimiter)
        if not reader.header:
            raise SourceError(f"{location} is empty: a line with the names of the columns is needed.")
        yield reader
