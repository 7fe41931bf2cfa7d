"""CSV: a media a row, by a mapping of columns to fields (sources/csv_columns.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.bounds import RATING_TENTHS
from sources.binary_file import BrokenFile, first_bytes, plain_name, shown
from sources.csv_columns import MappedColumn, mapped_columns, read_map, usual_columns
from sources.csv_rows import CsvRow, delimiter_of, opened_csv
from sources.encodings import ENCODING, encoding_of_file
from sources.file_source import FileSource, numbers_in
from sources.format import Format, Option
from sources.in_thread import Readings
from sources.media_json import UnfitItem, item_of_json
from sources.source import Reading, Source, SourceError, Unreadable
from sources.values import minutes_of, number_of

SEPARATORS = ("|", ";", ",")
RATING_MOST = RATING_TENTHS.most // RATING_TENTHS.parts
MOST_NAMED = 10  # of the columns that are not read
NULL_OF_DATABASES = "\\N"
WORDS_FOR_NOTHING = frozenset({"n/a", "na", "nan", "null", "none", "unknown", "-", "--", "?"})
NO_TEXTS = frozenset({"kind", "year", "rating", "runtimeMinutes", "addedAt", "seasonNumber", "episodeNumber"})
KIND_WORDS = {
    **dict.fromkeys(("movie", "film", "tvmovie", "short", "tvshort", "documentary"), "MOVIE"),
    **dict.fromkeys(("series", "tvshow", "tvseries", "tvminiseries", "miniseries", "show"), "SERIES"),
    **dict.fromkeys(("episode", "tvepisode"), "EPISODE"),
    **dict.fromkeys(("clip", "video"), "CLIP"),
    **dict.fromkeys(("track", "song", "midi"), "TRACK"),
    "season": "SEASON",
}


class CsvSource(FileSource):
    """Positions: the lines before what comes next. map, encoding, delimiter: found out where they are empty."""

    def __init__(self, location: str, options: Mapping[str, str]) -> None:
        super().__init__(location)
        self._map = options.get("map", "")
        self._encoding = options.get("encoding", "")
        self._delimiter = delimiter_of(options.get("delimiter", ""))
        self._scale = scale_of(options.get("rating-scale", str(RATING_MOST)))

    def readings(self, position: str) -> Readings:
        [passed] = numbers_in(position, 1)
        encoding = encoding_of_file(self.location, self._encoding, self.noticed)
        with opened_csv(self.location, encoding, self._delimiter) as reader:
            columns = mapped_columns(reader.header, self._map)
            read = {one.place for one in columns}
            self._notice([name for place, name in enumerate(reader.header) if place not in read and name.strip()])
            for row in reader.rows(passed):
                yield self._read(row, columns)

    def _notice(self, unread: Sequence[str]) -> None:
        for name in unread[:MOST_NAMED]:
            self.noticed.add(f"The column {name} is not read: map says which field it is.")
        if len(unread) > MOST_NAMED:
            self.noticed.add(f"{len(unread) - MOST_NAMED} more columns are not read.")

    def _read(self, row: CsvRow, columns: Sequence[MappedColumn]) -> Reading:
        where, position = f"line {row.line}", str(row.end)
        if row.error:
            return Unreadable(where, row.error, row.raw, position)
        try:
            found = item_of_json(media_of(row.values, columns, self._scale), self.noticed)
        except UnfitItem as error:
            return Unreadable(where, str(error), shown(" | ".join(row.values)), position)
        return replace(found, position=position)


def scale_of(given: str) -> float:
    """What a rating is multiplied by; SourceError."""
    try:
        best = number_of(given)
        if best <= 0:
            raise ValueError
    except ValueError:
        raise SourceError("rating-scale is the best rating that there is, for example 5.") from None
    return RATING_MOST / best


def media_of(values: Sequence[str], columns: Sequence[MappedColumn], scale: float = 1) -> dict[str, Any]:
    """A row as JSON of a media (sources/media_json.py); what is blank is not given. UnfitItem."""
    media: dict[str, Any] = {}
    for one in columns:
        value = values[one.place].strip()
        first, _, rest = one.field.partition(".")
        if not value or value == NULL_OF_DATABASES or (first in NO_TEXTS and value.lower() in WORDS_FOR_NOTHING):
            continue
        if first == "kind" and one.is_guessed and kind_word(value) is None:
            continue  # a column called type may say anything
        try:
            if rest:
                add_dotted(media, first, rest, value, one.separator)
            else:
                media[first] = field_value(first, value, one.separator, scale)
        except ValueError as error:
            raise UnfitItem([one.name], str(error)) from error
    if "files" in media:
        media["files"] = [media["files"]]
    return media


def kind_word(value: str) -> str | None:
    """The kind that a word stands for."""
    return KIND_WORDS.get("".join(filter(str.isalnum, value.lower())))


def field_value(field: str, value: str, separator: str, scale: float) -> Any:
    """The value of a field that has no point."""
    match field:
        case "kind":
            return kind_word(value) or value
        case "runtimeMinutes":
            return minutes_of(value)
        case "rating":
            return value if "%" in value else round(number_of(value) * scale, 6)
        case "aliases":
            return [{"title": one} for one in parts(value, separator, SEPARATORS[:2])]
        case "collections":
            return [{"collection": one} for one in parts(value, separator, SEPARATORS[:2])]
        case "taglines":
            return parts(value, separator, SEPARATORS[:1])
        case "tags" | "genres" | "channels":
            return parts(value, separator, SEPARATORS)
    return value


def add_dotted(media: dict[str, Any], first: str, rest: str, value: str, separator: str) -> None:
    """The value of a field with a point, beside what other columns give of it."""
    match first:
        case "metadata":
            media.setdefault(first, {})[rest] = value
        case "files":
            media.setdefault(first, {})[rest] = value
        case "externalIds":
            media.setdefault(first, []).append({"source": rest, "value": value})
        case "artwork":
            media.setdefault(first, []).append({"type": rest, "url": value})
        case "credits":
            people = parts(value, separator, SEPARATORS)
            media.setdefault(first, []).extend({"person": one, "role": rest} for one in people)
        case "categories":
            words = parts(value, separator, SEPARATORS[:2])
            media.setdefault(first, []).extend({"category": rest, "value": one} for one in words)


def parts(value: str, separator: str, candidates: Sequence[str]) -> list[str]:
    """The values of a list, each once; without a separator the first one of the candidates that is in it."""
    chosen = separator or next((one for one in candidates if one in value), None)
    pieces = value.split(chosen) if chosen else [value]
    return list(dict.fromkeys(one for piece in pieces if (one := piece.strip())))


def guess_csv(location: str) -> float:
    """By its name, and by columns that have usual names."""
    if not re.search(r"\.(csv|tsv|tab|txt)$", plain_name(location)) or not first_bytes(location, 1):
        return 0
    try:
        with opened_csv(location) as reader:
            fields = {one.field for one in usual_columns(reader.header)}
            has_title = "title" in fields
            is_table = len(reader.header) > 1 or plain_name(location).endswith("csv")
    except (SourceError, BrokenFile):
        return 0
    named = not plain_name(location).endswith(".txt")
    return (0.8 if has_title else 0.5) if is_table and (named or has_title) else 0


def open_csv(location: str, options: Mapping[str, str]) -> Source:
    return CsvSource(location, options)


CSV = Format(
    name="csv",
    description="CSV: a media a row, with the names of the columns in the first line.",
    told_by="it is a table with the names of its columns in the first line",
    guess=guess_csv,
    open=open_csv,
    options=(
        Option(
            "map",
            "Which field is which column: title=Name,year=Jahr,tags=Keywords|;",
            "by the names of columns",
            check=read_map,
        ),
        Option(
            "delimiter",
            "What stands between the columns; \\t for a tab.",
            "the likeliest of , ; tab and |",
            check=delimiter_of,
        ),
        ENCODING,
        Option("rating-scale", "The best rating that there is.", str(RATING_MOST), check=scale_of),
    ),
)
