"""Folded texts that are stored, brought to the rule by which texts are compared now (domain/text.py).

The database notes by which version of the rule it is folded. Where that is another one, everything is folded anew: in
batches, each a transaction, and again from the beginning where it was broken off. What texts say is never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from catalog.derived.statements import updated_media
from catalog.refold_names import refold_names
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from database.row import Row
from domain.bounds import LONG_NAME_BYTES, TITLE_BYTES
from domain.media_lists import MEDIA_LISTS
from domain.text import FOLD_VERSION, fold, sort_title
from domain.viewer import UNRESTRICTED
from loaders.registry import ATTRIBUTES
from loaders.sql.attribute import Text

REFOLD = "refold"
BATCH = 2_000


class FoldedColumn(NamedTuple):
    """A column that follows from another one. `most`: the bytes of it that are kept, where the column has a limit."""

    source: str
    column: str
    rule: Callable[[str], str] = fold
    most: int | None = None

    def value_of(self, text: str | None) -> str | None:
        if text is None:
            return None
        found = self.rule(text)
        return found if self.most is None else found.encode()[: self.most].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class FoldedTable:
    """The texts of a table, each row's folded for itself. `unfolded`: which rows a writer has left to be folded.

    `visible_column`: a folded column of media that clients see, so that its change is one of the media."""

    table: str
    columns: tuple[FoldedColumn, ...]
    unfolded: str = ""
    visible_column: str = ""


def folded_lists() -> Iterator[FoldedTable]:
    """The texts of plain lists of a media that filters compare. Those of aliases are above: they have a limit."""
    for one in MEDIA_LISTS:
        texts = [at for at in vars(ATTRIBUTES[one.table]).values() if isinstance(at, Text)]
        if texts and one.table != "media_alias":
            columns = tuple(FoldedColumn(text.written, text.name) for text in texts)
            yield FoldedTable(one.table, columns, " OR ".join(map(unfolded, texts)))


def unfolded(text: Text) -> str:
    """Whether a text is there and not folded yet."""
    missing = f"{text.name} IS NULL"
    return f"{text.written} IS NOT NULL AND {missing}" if text.nullable else missing


FOLDED_TABLES = (
    FoldedTable(
        "media",
        (
            FoldedColumn("title", "folded_title"),
            FoldedColumn("title", "sort_title", sort_title, TITLE_BYTES),
            FoldedColumn("original_title", "folded_original_title", most=TITLE_BYTES),
            FoldedColumn("overview", "folded_overview"),
        ),
        "original_title IS NOT NULL AND folded_original_title IS NULL"
        " OR overview IS NOT NULL AND folded_overview IS NULL",
        "sort_title",
    ),
    FoldedTable("media_alias", (FoldedColumn("title", "folded_title", most=TITLE_BYTES),)),
    FoldedTable("person", (FoldedColumn("name", "folded_name", most=LONG_NAME_BYTES),)),
    FoldedTable("collection", (FoldedColumn("name", "folded_name", most=LONG_NAME_BYTES),)),
    FoldedTable(
        "credit", (FoldedColumn("character", "folded_character"),), "character IS NOT NULL AND folded_character IS NULL"
    ),
    *folded_lists(),
    FoldedTable("release", (FoldedColumn("name", "folded_name"),), "folded_name IS NULL"),
)

VERSION = "SELECT version FROM text_folding"
SET_VERSION = "UPDATE text_folding SET version = $1"

# Some rows after an id, held until the end of the transaction.
READ_TEXTS = "SELECT {columns} FROM {table} WHERE id > $1 AND ({which}) ORDER BY id LIMIT $2 FOR NO KEY UPDATE"

# As nobody's change: neither version nor feed move, and what is set here is copied nowhere.
WRITE_TEXTS = "UPDATE {table} t SET {sets} FROM {changes} WHERE t.id = change.id"


async def is_folded(session: WritingSession) -> bool:
    """Whether all is folded by the rule of now, but for what writers have left."""
    [[version]] = await transact(session, UNRESTRICTED, REFOLD, lambda writer: writer.fetch(VERSION))
    return bool(version == FOLD_VERSION)


async def refold(session: WritingSession) -> list[str]:
    """Folds everything anew where the rule has changed; in words, which names have become one."""
    if await is_folded(session):
        return []
    renamed = await refold_names(session)
    for texts in FOLDED_TABLES:
        await fold_rows(session, texts, "true")
    await transact(session, UNRESTRICTED, REFOLD, lambda writer: writer.fetch(SET_VERSION, FOLD_VERSION))
    return renamed


async def fold_pending(session: WritingSession) -> None:
    """Folds what writers have left to be folded."""
    for texts in FOLDED_TABLES:
        if texts.unfolded:
            await fold_rows(session, texts, texts.unfolded)


async def fold_rows(session: WritingSession, texts: FoldedTable, which: str) -> None:
    """Folds the rows of a table for which a condition holds, batch by batch."""
    names = dict.fromkeys(["id", *(name for one in texts.columns for name in (one.source, one.column))])
    read = READ_TEXTS.format(columns=", ".join(names), table=texts.table, which=which)
    last = -(2**63)
    while True:
        rows = await transact(session, UNRESTRICTED, REFOLD, partial(fold_batch, texts, read, last))
        if len(rows) < BATCH:
            return
        last = rows[-1]["id"]


async def fold_batch(texts: FoldedTable, read: str, after: int, writer: Writer) -> list[Row]:
    """Folds the rows that follow an id, as many as a batch has; these rows."""
    rows = await writer.fetch(read, after, BATCH)
    await write(writer, texts, rows)
    return rows


async def write(writer: Writer, texts: FoldedTable, rows: Sequence[Any]) -> None:
    """Stores what has become different; a change that clients see after those that they do not."""
    changed = [
        (row, values)
        for row in rows
        if (values := [one.value_of(row[one.source]) for one in texts.columns])
        != [row[one.column] for one in texts.columns]
    ]
    names = [one.column for one in texts.columns]
    sets = ", ".join(f"{name} = change.{name}" for name in names)
    arrays = ", ".join(f"${place}::text[]" for place in range(2, len(names) + 2))
    changes = f"unnest($1::bigint[], {arrays}) AS change(id, {', '.join(names)})"
    quiet = WRITE_TEXTS.format(table=texts.table, sets=sets, changes=changes)
    for is_told, statement in ((False, quiet), (True, updated_media(sets, changes))):
        chosen = [
            (row["id"], *values)
            for row, values in changed
            if is_told
            == (
                texts.visible_column in names and row[texts.visible_column] != values[names.index(texts.visible_column)]
            )
        ]
        if chosen:
            await writer.fetch(statement, *map(list, zip(*chosen, strict=True)))
