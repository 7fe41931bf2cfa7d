"""What hangs on a media and comes with it: each list declared once, its table, columns and what tells its rows apart.

The statements that read, take and give rows are made from these declarations (catalog/upsert/statements.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.checks import ValueCheck, exact, flag, moment, one_of, text, whole, words
from catalog.music_values import METRE, changes_of, programs
from domain.bounds import (
    COLUMNS,
    EXTERNAL_ID_BYTES,
    EXTERNAL_ID_SOURCE,
    EXTERNAL_ID_SOURCE_BYTES,
    NOT_NEGATIVE,
    POSITION,
    ROWS_OF_A_MEDIA,
    ROWS_OF_AN_ITEM,
)
from domain.enums import ArtworkType, CreditRole, DownloadState, ReleaseState, ThumbnailState
from domain.memberships import MEMBERSHIPS, Membership
from domain.text import fold


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a list's rows. type: SQL's. check: of a value that is not None. name: the noun whose id it is.

    default: the value of a new row where none is given (a required one has none: `required`). of: the column that it
    follows from, by `rule`, where it is not given. absent_if_null: null is as good as not given. write, read: SQL for
    what is not stored as it is sent; convert: the same for COPY."""

    column: str
    type: str
    check: ValueCheck | None = None
    required: bool = False
    default: Any = None
    noun: str | None = None
    of: str | None = None
    rule: Callable[[str], str] | None = None
    absent_if_null: bool = False
    write: str = "{}"
    missing: str = ""
    read: str = "{}"
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, eq=False)
class RowList:
    """A list of an item. key: the columns by which a row of a media is found again. locations: columns of which any
    that is given finds a row among those of one key; one that has none of them is found by what has some, too.

    single: one row a media, given without a list. ordered: `position` is the place in the list unless it is given.
    has_id: rows have an id, else their key is the table's. element: the column that an element stands for, where it is
    no object. stamped: the table notes when a row was changed (updated_at); versioned: it counts how often. file_state:
    the state in which a row needs a path."""

    name: str
    table: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    locations: tuple[str, ...] = ()
    single: bool = False
    ordered: bool = False
    has_id: bool = True
    element: str | None = None
    stamped: bool = False
    versioned: bool = False
    file_state: str | None = None

    @cached_property
    def most(self) -> int:
        """The rows that a media may have; where the catalogue sets no bound, those that an item may give."""
        return 1 if self.single else ROWS_OF_A_MEDIA.get(self.table, ROWS_OF_AN_ITEM)

    @cached_property
    def columns(self) -> list[str]:
        return [one.column for one in self.fields]

    @cached_property
    def followers(self) -> list[tuple[int, int, Callable[[str], str]]]:
        """Places of columns that follow from others, places of these, and the rules."""
        return [
            (place, self.columns.index(one.of), one.rule)
            for place, one in enumerate(self.fields)
            if one.of is not None and one.rule is not None
        ]

    @cached_property
    def checked_followers(self) -> list[tuple[int, ValueCheck]]:
        """Of those the ones that may come to what cannot be stored, with their checks."""
        return [(place, check) for place, _, _ in self.followers if (check := self.fields[place].check) is not None]

    @cached_property
    def defaults(self) -> list[Any]:
        return [one.default for one in self.fields]

    @cached_property
    def is_completed(self) -> bool:
        """Whether new rows have anything that their elements need not give."""
        return not all(one.required for one in self.fields)

    @cached_property
    def position(self) -> int | None:
        """The place of the column `position`, of an ordered list."""
        return self.columns.index("position") if self.ordered else None

    @cached_property
    def key_places(self) -> list[int]:
        return [self.columns.index(name) for name in self.key]

    @cached_property
    def is_copied(self) -> bool:
        """Whether new rows are known as they are stored, without a look at others."""
        return not any(one.missing for one in self.fields)

    @cached_property
    def converted(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """Places of columns that are not stored as they are sent."""
        return [(place, one.convert) for place, one in enumerate(self.fields) if one.convert is not None]

    @cached_property
    def location_places(self) -> list[int]:
        return [self.columns.index(name) for name in self.locations]


def number(table: str, column: str, *, required: bool = False, missing: str = "") -> Field:
    """A whole number within the bounds of its column."""
    within = POSITION if column == "position" else COLUMNS[f"{table}.{column}"]
    type_ = "bigint" if within.most > NOT_NEGATIVE.most else "integer"
    return Field(column, type_, whole(within), required=required, absent_if_null=column == "position", missing=missing)


def changes_field(column: str, check: ValueCheck) -> Field:
    """A column with pairs of milliseconds and values."""
    return Field(
        column, "text", changes_of(check), default="[]", write="{}::jsonb", read="{}::text", convert=json.loads
    )


PATH, ADDRESS = exact(4_000), exact(4_000)
KEY_SIGNATURE = exact(20)
LANGUAGE = exact(35, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", "A language as a BCP 47 tag (en, pt-BR)")


# Where no place in the collection is given, at its end, in the order given.
LAST_POSITION = """(
    SELECT coalesce(max(c.position) + 1, 0) FROM media_collection c WHERE c.collection_id = given.collection_id
) + row_number() OVER (PARTITION BY given.collection_id ORDER BY given.place) - 1"""


def last_part(path: str) -> str:
    """A file's name; of what ends in a separator the last part that has a name."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def links(one: Membership) -> RowList:
    """Tags, genres or channels of a media."""
    column = f"{one.noun}_id"
    return RowList(
        one.plural,
        one.table,
        (Field(column, "bigint", required=True, noun=one.noun),),
        (column,),
        has_id=False,
        element=column,
    )


LISTS = (
    *map(links, MEMBERSHIPS),
    RowList(
        "collections",
        "media_collection",
        (
            Field("collection_id", "bigint", required=True, noun="collection"),
            number("media_collection", "position", missing=LAST_POSITION),
        ),
        ("collection_id",),
        has_id=False,
    ),
    RowList(
        "external_ids",
        "external_id",
        (
            Field(
                "source",
                "text",
                exact(EXTERNAL_ID_SOURCE_BYTES, EXTERNAL_ID_SOURCE, "A source of 1 to 50 letters, no colon"),
                required=True,
            ),
            Field("value", "text", exact(EXTERNAL_ID_BYTES), required=True),
        ),
        ("source", "value"),
        has_id=False,
    ),
    RowList(
        "aliases",
        "media_alias",
        (
            Field("title", "text", text(letters=500, folded=2_000), required=True),
            Field("folded_title", "text", of="title", rule=fold),
            Field("language", "text", exact(35, ".{2,}", "A code of 2 to 35 bytes")),
        ),
        ("title", "language"),
    ),
    RowList(
        "taglines",
        "tagline",
        (
            Field("text", "text", text(letters=1_000), required=True),
            Field("folded_text", "text", of="text", rule=fold),
            number("tagline", "position"),
        ),
        ("text",),
        ordered=True,
        element="text",
    ),
    RowList(
        "categories",
        "categorisation",
        (
            Field("category", "text", text(letters=200, bytes=200), required=True),
            Field("value", "text", text(letters=200, bytes=1_000), required=True),
        ),
        ("category", "value"),
        has_id=False,
    ),
    RowList(
        "credits",
        "credit",
        (
            Field("person_id", "bigint", required=True, noun="person"),
            Field(
                "role",
                "text",
                one_of(CreditRole),
                required=True,
            ),
            Field("character", "text", text(letters=500)),
            Field("folded_character", "text", of="character", rule=fold),
            Field("job", "text", text(letters=200)),
            number("credit", "position"),
        ),
        ("person_id", "role", "character", "job"),
        ordered=True,
        versioned=True,
    ),
    RowList(
        "artwork",
        "artwork",
        (
            Field("type", "text", one_of(ArtworkType), required=True),
            Field("url", "text", ADDRESS, required=True),
            number("artwork", "width"),
            number("artwork", "height"),
            Field("state", "text", one_of(DownloadState)),
            Field("path", "text", PATH),
        ),
        ("type", "url"),
        stamped=True,
        file_state="DOWNLOADED",
    ),
    RowList(
        "files",
        "media_file",
        (
            Field("path", "text", exact(2_000), required=True),
            Field("name", "text", exact(255), of="path", rule=last_part, absent_if_null=True),
            Field("size", "bigint", whole(COLUMNS["media_file.size"]), required=True),
            Field("modified_at", "timestamptz", moment, required=True),
            Field("hash", "text", exact(200)),
            Field("container", "text", exact(50)),
            Field(
                "codecs",
                "text",
                words(64, 100),
                default="",
                write="string_to_array({}, chr(31))",
                read="array_to_string({}, chr(31))",
                convert=lambda text: text.split(chr(31)) if text else [],
            ),
            number("media_file", "width"),
            number("media_file", "height"),
            number("media_file", "duration_ms"),
            Field("manufacturer", "text", exact(200)),
            Field("collection", "text", exact(200)),
        ),
        ("path",),
    ),
    RowList(
        "subtitles",
        "subtitle",
        (
            Field("language", "text", LANGUAGE, required=True),
            Field("format", "text", exact(20)),
            Field("path", "text", PATH),
            Field("url", "text", ADDRESS),
            Field("is_forced", "boolean", flag, default=False),
            Field("is_for_hearing_impaired", "boolean", flag, default=False),
            Field("state", "text", one_of(DownloadState), default="WANTED"),
        ),
        ("language", "is_forced", "is_for_hearing_impaired"),
        locations=("url", "path"),
        stamped=True,
        file_state="DOWNLOADED",
    ),
    RowList(
        "music",
        "music",
        (
            number("music", "tempo_hundredths"),
            Field("key_signature", "text", KEY_SIGNATURE),
            Field("time_signature", "text", METRE),
            number("music", "track_count"),
            number("music", "note_count"),
            number("music", "duration_ms"),
            Field(
                "programs",
                "text",
                programs,
                default="",
                write="string_to_array({}, ',')::integer[]",
                read="array_to_string({}, ',')",
                convert=lambda text: [int(number) for number in text.split(",") if number],
            ),
            changes_field("tempo_changes", whole(COLUMNS["music.tempo_hundredths"])),
            changes_field("key_signature_changes", KEY_SIGNATURE),
            changes_field("time_signature_changes", METRE),
        ),
        (),
        single=True,
        has_id=False,
    ),
    RowList(
        "clip",
        "clip",
        (
            Field("channel_id", "bigint", noun="channel"),
            number("clip", "duration_ms"),
            number("clip", "size"),
            Field("source_url", "text", ADDRESS),
        ),
        (),
        single=True,
        has_id=False,
    ),
    RowList(
        "thumbnails",
        "thumbnail",
        (
            number("thumbnail", "offset_ms", required=True),
            Field("state", "text", one_of(ThumbnailState), default="PENDING"),
            Field("path", "text", PATH),
            number("thumbnail", "width"),
            number("thumbnail", "height"),
            Field("error", "text", text(letters=2_000)),
        ),
        ("offset_ms",),
        stamped=True,
        file_state="READY",
    ),
    RowList(
        "releases",
        "release",
        (
            Field("name", "text", text(letters=500), required=True),
            Field("folded_name", "text", of="name", rule=fold),
            Field("category", "text", text(letters=100), required=True),
            Field("release_group_id", "bigint", noun="release_group"),
            number("release", "size"),
            Field("state", "text", one_of(ReleaseState), default="NEW"),
            Field("failure", "text", text(letters=2_000)),
            Field("published_at", "timestamptz", moment),
            Field("analysed_at", "timestamptz", moment),
            Field("nuke_reason", "text", text(letters=2_000)),
            number("release", "completeness"),
        ),
        ("name", "category"),
    ),
)
LISTS_BY_NAME = {one.name: one for one in LISTS}
