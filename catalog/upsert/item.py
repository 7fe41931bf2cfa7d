"""What an upsert is given and what it comes to: plain data, whoever sends it (GraphQL, an import)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.errors import CatalogError


class MatchBy(StrEnum):
    """By what an item finds its media."""

    ID = "ID"
    EXTERNAL_ID = "EXTERNAL_ID"
    PATH = "PATH"
    TITLE = "TITLE"


class OnConflict(StrEnum):
    """What an item does with a media that is there: the lists it gives replace the media's, are added to them, or the
    media is left as it is."""

    REPLACE = "REPLACE"
    MERGE = "MERGE"
    SKIP = "SKIP"


class Status(StrEnum):
    """What became of an item."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Title:
    """A media by its title within a library; of no year where `year` is None."""

    library: int
    kind: str
    title: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """A season by its series and number."""

    series: Key
    number: int


@dataclass(frozen=True, slots=True)
class Key:
    """A media that an item names as its parent; exactly one is given. `item`: the place of another item."""

    id: int | None = None
    external_id: tuple[str, str] | None = None
    path: str | None = None
    item: int | None = None
    title: Title | None = None
    season: Season | None = None


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person of a credit by id or name, by ids at other services (pairs of source and value), or by both."""

    person: int | str | None = None
    external_ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A media as it is to be. What is not given stays as it is.

    values: columns of media with their values, as catalog/media_edit.py takes them (library_id, title, ...), without
    parent_id. lists: by name (catalog/upsert/lists.py), the rows that the media is to have: objects by column, or what
    stands for one; what is named stands there by its id or name, a person also as a PersonKey. error: why the item
    cannot even be read, error_path: where in it."""

    place: int
    id: int | None = None
    version: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    parent: Key | None = None
    has_parent: bool = False
    lists: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    error: CatalogError | None = None
    error_path: Sequence[str | int] = ()


@dataclass(slots=True)
class Result:
    """What became of an item. fields: what was changed, in clients' names; `path`: where in the item an error lies.

    same_as: the place of the item before it that is of the same media."""

    place: int
    status: Status
    media: int | None = None
    fields: Sequence[str] = ()
    code: str | None = None
    message: str | None = None
    path: Sequence[str | int] = ()
    same_as: int | None = None
