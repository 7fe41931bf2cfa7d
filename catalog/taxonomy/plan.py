"""What an operation on names is going to do, and the token by which a preview is held to it."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

import orjson

from catalog.edit import MANY
from catalog.taxonomy.noun import Noun
from domain.enums import TaxonomyOperationKind
from domain.errors import CatalogError, Code
from domain.ids import format_id

MAX_MARKED = 1_000  # names of which a token can tell whether they differ
MAX_TOLD = 20
MAX_EXAMPLES = 100
MAX_TOKEN = 60_000
STALE = "What the preview showed has changed: look at a new one. What differs: "


@dataclass(frozen=True, slots=True)
class Counts:
    """Names that get another name, names that become part of another one or go, links to media that were moved,
    external ids that were moved or go."""

    renamed: int = 0
    merged: int = 0
    moved: int = 0
    external_ids: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One name of an operation. `new_name` None: it goes; `into`: the one that it becomes part of; `media`: how many
    of its media are moved."""

    id: int
    name: str
    new_name: str | None
    into: int | None = None
    media: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """What is not done as was asked, and why. `id`: the name that it is about, or `media`."""

    code: str
    message: str
    id: int | None = None
    media: int | None = None


@dataclass(slots=True)
class NameRow:
    """A row of <noun>_name."""

    folded: str
    id: int
    is_primary: bool

    def json(self, noun: Noun) -> dict[str, Any]:
        return {"folded": self.folded, noun.key: self.id, "is_primary": self.is_primary}


@dataclass(slots=True)
class Plan:
    """names: of those concerned, by id, as they are; `renames`: new names; `pairs`: what goes, and what takes its place
    or None; `new`: the name of one to be made, whose media are `media` of the one in `pairs`.

    versions: of those in `names`; `rows`: by small table the rows that go and come. `is_lasting`: ids of pairs go on to
    resolve."""

    noun: Noun
    kind: TaxonomyOperationKind
    detail: dict[str, Any]
    names: dict[int, str]
    renames: dict[int, str] = field(default_factory=dict)
    pairs: dict[int, int | None] = field(default_factory=dict)
    new: str | None = None
    media: list[int] | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    rows: dict[str, list[tuple[dict[str, Any] | None, dict[str, Any] | None]]] = field(default_factory=dict)
    is_lasting: bool = True
    versions: dict[int, int] = field(default_factory=dict)

    @property
    def goes(self) -> list[int]:
        """Ids of those that are deleted in the end."""
        return [] if self.new is not None else sorted(self.pairs)

    @property
    def touched(self) -> list[int]:
        return sorted({*self.names, *self.renames, *self.pairs})

    @property
    def raised(self) -> list[int]:
        """Ids of those that stay and whose version rises: each that has another name, other aliases, parents or
        external ids."""
        rows = [
            row
            for table in self.noun.counted_tables
            for pair in self.rows.get(table, ())
            for row in pair
            if row is not None
        ]
        return sorted({*self.renames, *(row[self.noun.key] for row in rows)} - set(self.goes))

    @property
    def carried(self) -> list[int]:
        """Ids of those whose media are changed, or show another name: who may not change all of them is refused. What
        others become part of gets aliases, but its own media stay as they are."""
        return sorted({*self.renames, *self.pairs}) if self.pairs else self.raised

    def examples(self, links: Mapping[int, Sequence[int]]) -> list[Example]:
        """The first names of what is done, those of most media first."""
        found = [Example(id, self.names[id], name) for id, name in self.renames.items()]
        for id, into in self.pairs.items():
            name = self.new if self.new is not None else None if into is None else self.name_of(into)
            found.append(Example(id, self.names[id], name, into, links.get(id, (0,))[0]))
        return nsmallest(MAX_EXAMPLES, found, key=lambda one: (-one.media, one.id))

    def name_of(self, id: int) -> str:
        return self.renames.get(id) or self.names[id]

    def counts(self, links: Mapping[int, Sequence[int]]) -> Counts:
        moved = sum(links.get(id, (0,))[0] for id in self.pairs)
        return Counts(len(self.renames), len(self.goes), moved, len(self.rows.get(self.noun.ids_table, ())))


def token_of(plan: Plan, links: Mapping[int, Sequence[int]]) -> str:
    """A text that stands for what a plan does to which names and media."""
    marks = marks_of(plan, links)
    kept = dict(sorted(marks.items())[:MAX_MARKED])
    body = {
        "of": [plan.noun.name, plan.kind.value, len(marks)],
        "all": checksum(sorted(marks.items()), [plan.new], list(plan.rows), *plan.rows.values(), told(plan)),
        "marks": list(kept.items()),
    }
    return base64.urlsafe_b64encode(zlib.compress(orjson.dumps(body))).decode()


def checksum(*lists: Sequence[Any]) -> int:
    """A number for some lists. Some elements at a time, since other threads stand still while some are written."""
    found = 0
    for one in lists:
        for at in range(0, len(one), MANY):
            found = zlib.crc32(orjson.dumps(one[at : at + MANY]), found)
        found = zlib.crc32(b";", found)
    return found


def told(plan: Plan) -> list[Any]:
    return [[one.code, one.message, one.id] for one in plan.conflicts]


ALL_LINKS = 0  # where an undo has its links, in the place of an id


def marks_of(plan: Plan, links: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """A number for each name, which differs where anything about it does."""
    return {
        id: zlib.crc32(
            orjson.dumps([plan.names.get(id), plan.renames.get(id), plan.pairs.get(id), *map(str, links.get(id, ()))])
        )
        for id in (*plan.touched, *(links.keys() & {ALL_LINKS}))
    }


def check_token(token: str, plan: Plan, links: Mapping[int, Sequence[int]]) -> None:
    """BAD_ARGUMENT for what is no token of such an operation, STALE_PREVIEW where it was of something else."""
    now = token_of(plan, links)
    if token == now:
        return
    before, after = read_token(token), read_token(now)
    if before["of"][:2] != after["of"][:2]:
        raise CatalogError(Code.BAD_ARGUMENT, "This token is of another kind of operation.")
    old, new = dict(map(tuple, before["marks"])), dict(map(tuple, after["marks"]))
    differing = sorted(id for id in old.keys() | new.keys() if old.get(id) != new.get(id))
    words = ["the media" if id == ALL_LINKS else format_id(plan.noun.name, id) for id in differing[:MAX_TOLD]]
    if len(differing) > MAX_TOLD:
        words.append(f"{len(differing) - MAX_TOLD} more")
    raise CatalogError(Code.STALE_PREVIEW, STALE + (", ".join(words) or "what was asked for, or names beside it") + ".")


def read_token(token: str) -> dict[str, Any]:
    """BAD_ARGUMENT for what is no token."""
    try:
        if len(token) > MAX_TOKEN:
            raise ValueError
        unpacker = zlib.decompressobj()
        body = orjson.loads(unpacker.decompress(base64.urlsafe_b64decode(token), 20 * MAX_TOKEN))
        [[_, _, _], marks] = body["of"], dict(map(tuple, body["marks"]))
        if not isinstance(body["of"], list) or not all(isinstance(id, int) for id in marks):
            raise ValueError
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error):
        raise CatalogError(Code.BAD_ARGUMENT, "This is no token of a preview.") from None
    return dict(body)
