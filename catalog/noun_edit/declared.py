"""The nouns that people edit by hand: tables, columns that are given, what carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.checks import LONG_NAME_LINE, NAME_LINE, ValueCheck, moment, one_line, one_of, text, whole
from catalog.derived.declared import FEED
from catalog.media_values import bad_argument, client_name
from catalog.upsert.lists import Field
from domain.bounds import (
    COLUMNS,
    DESCRIPTION_LETTERS,
    NAME_LETTERS,
)
from domain.enums import CollectionKind
from domain.errors import CatalogError
from domain.text import fold, slug


@dataclass(frozen=True, slots=True)
class Uses:
    """The rows that name one of a noun by <noun>_id. `table`: with the library in library_id, NULL for rows of none;
    `things`: what clients call them. links: whether the rows are links with their media, which go with the noun.
    list: what history calls the list of a media in which they are."""

    table: str
    things: str = "media"
    links: bool = True
    list: str = ""


@dataclass(frozen=True, slots=True)
class EditedNoun:
    """A table with the columns id, name, folded_name and version.

    fields: the columns that are given, and those that follow from them. unique: no two have one folded name.
    has_aliases: names and aliases are in <table>_name; has_parents: a tree in <table>_parent."""

    table: str
    fields: tuple[Field, ...]
    uses: Uses
    unique: bool = True
    has_aliases: bool = False
    has_parents: bool = False

    @property
    def words(self) -> str:
        """What one of them is called in messages."""
        return self.table.replace("_", " ")

    @property
    def in_feed(self) -> bool:
        """Whether a media has changed where the name of one that it carries has."""
        return self.uses.table in FEED

    def sql(self, template: str) -> str:
        return template.replace("{noun}", self.table).replace("{uses}", self.uses.table)


def name_fields(check: ValueCheck, *others: Field) -> tuple[Field, ...]:
    return (
        Field("name", "text", check, required=True),
        Field("folded_name", "text", of="name", rule=fold),
        *others,
    )


SLUG = Field("slug", "text", of="name", rule=slug)

EDITED_TAG = EditedNoun(
    "tag",
    name_fields(NAME_LINE, SLUG, Field("category", "text", one_line(text(letters=NAME_LETTERS)))),
    Uses("media_tag"),
    has_aliases=True,
    has_parents=True,
)
EDITED_GENRE = EditedNoun("genre", name_fields(NAME_LINE, SLUG), Uses("media_genre"), has_aliases=True)
EDITED_CHANNEL = EditedNoun("channel", name_fields(NAME_LINE, SLUG), Uses("media_channel"), has_aliases=True)
EDITED_PERSON = EditedNoun("person", name_fields(LONG_NAME_LINE), Uses("media_person", list="credits"), unique=False)
COLLECTION = EditedNoun(
    "collection",
    name_fields(
        LONG_NAME_LINE,
        Field("kind", "text", one_of(CollectionKind), required=True),
        Field("description", "text", text(letters=DESCRIPTION_LETTERS)),
    ),
    Uses("media_collection", list="collections"),
    unique=False,
)
RELEASE_GROUP = EditedNoun(
    "release_group",
    name_fields(
        NAME_LINE,
        Field("score_thousandths", "smallint", whole(COLUMNS["release_group.score_thousandths"])),
        Field("analysed_at", "timestamptz", moment),
    ),
    Uses("release", "releases", links=False),
)


def read_values(fields: tuple[Field, ...], given: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
    """The columns of a row as they are to be stored; of one that is new, all. BAD_ARGUMENT."""
    values: dict[str, Any] = {}
    for one in fields:
        if one.of is not None:
            if one.of in values:
                source = values[one.of]
                values[one.column] = source if source is None or one.rule is None else one.rule(source)
        elif one.column in given or is_new:
            values[one.column] = read_value(one, given.get(one.column))
    return values


def read_value(one: Field, value: Any) -> Any:
    """A value as it is to be stored; BAD_ARGUMENT says which field is meant."""
    if value is None:
        if one.required:
            raise bad_argument(f"{client_name(one.column)} is needed, and cannot be null.")
        return one.default
    try:
        return value if one.check is None else one.check(value)
    except CatalogError as error:
        raise bad_argument(f"{client_name(one.column)}: {error}") from None
