"""A catalogue as JSON lines, as the source `jsonl` reads them: what hangs on others comes after it.

PostgreSQL makes the lines, and a COPY streams them: none is held here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache

from catalog.transaction import Writer, transact
from catalog.upsert.lists import LISTS, Field, RowList
from database.protocols import WritingSession
from domain.viewer import Viewer
from sources.media_fields import LIST_FIELDS, OWN_FIELDS

EXPORT_NAME = "export"
# All lines are of one moment, whoever edits meanwhile.
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# No series is below another one, and no season below a season: what hangs on nothing, then seasons and episodes, then
# episodes of seasons.
ROOTS_FIRST = (0, 1, 2)


def parts(column: str, number: int) -> str:
    """A number that is stored in parts."""
    return f"trim_scale({column}::numeric / {number})"


def changes(column: str, name: str, value: str) -> str:
    """Pairs of milliseconds and values, as objects. `value`: SQL for the second of `pair`."""
    made = f"jsonb_build_object('atSeconds', {parts('(pair ->> 0)', 1000)}, '{name}', {value})"
    rows = f"jsonb_array_elements(t.{column}) WITH ORDINALITY AS p(pair, place)"
    return f"(SELECT jsonb_agg({made} ORDER BY place) FROM {rows})"


# Columns that are not told as they are stored, by list.
SPECIAL = {
    ("music", "tempo_hundredths"): parts("t.tempo_hundredths", 100),
    ("music", "duration_ms"): parts("t.duration_ms", 1000),
    ("music", "tempo_changes"): changes("tempo_changes", "tempo", parts("(pair ->> 1)", 100)),
    ("music", "key_signature_changes"): changes("key_signature_changes", "keySignature", "pair ->> 1"),
    ("music", "time_signature_changes"): changes("time_signature_changes", "timeSignature", "pair ->> 1"),
    ("clip", "duration_ms"): parts("t.duration_ms", 1000),
    ("thumbnails", "offset_ms"): parts("t.offset_ms", 1000),
}
# A person without external ids is a name.
SPECIAL |= {
    ("credits", "person_id"): """(SELECT CASE WHEN x.ids IS NULL THEN to_jsonb(n.name)
        ELSE jsonb_build_object('name', n.name, 'externalIds', x.ids) END
        FROM person n, LATERAL (
            SELECT jsonb_agg(jsonb_build_object('source', i.source, 'value', i.value) ORDER BY i.source, i.value)
            FROM person_external_id i WHERE i.person_id = n.id
        ) AS x(ids) WHERE n.id = t.person_id)"""
}
OWN_SPECIAL = {"rating_tenths": parts("m.rating_tenths", 10)}


def value_of(of: RowList, one: Field) -> str:
    """SQL for what is told of a column."""
    if one.noun is not None and (of.name, one.column) not in SPECIAL:
        return f"(SELECT n.name FROM {one.noun} n WHERE n.id = t.{one.column})"
    return SPECIAL.get((of.name, one.column), f"t.{one.column}")


def list_of(of: RowList, names: dict[str, str]) -> str:
    """SQL for a list of media m. names: of its columns, by column."""
    by_column = {one.column: one for one in of.fields}
    values = {name: value_of(of, by_column[column]) for column, name in names.items()}
    if of.element is not None:
        made = value_of(of, by_column[of.element])
    else:
        made = f"jsonb_strip_nulls(jsonb_build_object({pairs(values)}))"
    rows = f"FROM {of.table} t WHERE t.media_id = m.id"
    if of.single:
        return f"(SELECT {made} {rows})"
    order = ["t.position"] if of.ordered else []
    order += ["t.id"] if of.has_id else [f"t.{name}" for name in of.key]
    return f"(SELECT jsonb_agg({made} ORDER BY {', '.join(order)}) {rows})"


def pairs(values: dict[str, str]) -> str:
    return ", ".join(f"'{name}', {value}" for name, value in values.items())


@cache
def export_statement() -> str:
    """A line a media. $1: the library, NULL for all; $2: the libraries that may be seen; $3: how deep they hang."""
    own = {name: OWN_SPECIAL.get(column, f"m.{column}") for name, (column, _) in OWN_FIELDS.items()}
    lists = {
        name: list_of(fields.of, {column: told for told, (column, _) in fields.fields.items()})
        for name, fields in LIST_FIELDS.items()
    }
    assert len(lists) == len(LISTS)
    about = {"key": "'media_' || m.id", "library": "l.name", "parent": "'media_' || m.parent_id"}
    # An object of 50 pairs has as many arguments as a function may have.
    made = " || ".join(f"jsonb_build_object({pairs(some)})" for some in (about, own, lists))
    bare = f"SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each({made}) o WHERE o.value <> 'null'::jsonb"
    return (
        f"SELECT ({bare})::text"
        " FROM media m JOIN library l ON l.id = m.library_id LEFT JOIN media p ON p.id = m.parent_id"
        " WHERE ($1::bigint IS NULL OR m.library_id = $1::bigint)"
        " AND ($2::bigint[] IS NULL OR m.library_id = any($2::bigint[]))"
        " AND (m.parent_id IS NOT NULL)::integer + (p.parent_id IS NOT NULL)::integer = $3::integer ORDER BY m.id"
    )


class Unescaped:
    """COPY's text format as the text that it is of: JSON has no control characters, so that only backslashes are
    doubled. A piece may end between two."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._write = write
        self._rest = b""

    async def write(self, piece: bytes) -> None:
        data = self._rest + piece
        backslashes = len(data) - len(data.rstrip(b"\\"))
        self._rest = data[len(data) - backslashes % 2 :]
        await self._write(data[: len(data) - len(self._rest)].replace(b"\\\\", b"\\"))


async def export_catalogue(
    session: WritingSession, viewer: Viewer, library: int | None, write: Callable[[bytes], Awaitable[None]]
) -> int:
    """Writes all media, or those of a library, piece by piece; how many there were."""

    async def work(writer: Writer) -> int:
        await writer.fetch(ONE_MOMENT)
        lines = 0
        for depth in ROOTS_FIRST:
            out = Unescaped(write)
            values = (library, None if viewer.libraries is None else list(viewer.libraries), depth)
            lines += await writer.transaction.copy_out(export_statement(), values, out.write, "text")
        return lines

    return await transact(session, viewer, EXPORT_NAME, work)
