"""The statements of an upsert's lists, made from their declarations: one to read, to take, to change and to give."""

from __future__ import annotations

from functools import cache

from catalog.derived.declared import COPIES
from catalog.derived.statements import copied, deleted_rows, inserted_rows
from catalog.upsert.lists import Field, RowList


def arrays(fields: tuple[Field, ...], first: int) -> str:
    """Parameters with the values of columns, an array each."""
    return ", ".join(f"${place}::{one.type}[]" for place, one in enumerate(fields, first))


def sent(one: Field, alias: str) -> str:
    """SQL for what is stored of a value that was sent."""
    return one.write.format(f"{alias}.{one.column}")


def sent_or_missing(one: Field) -> str:
    """SQL for a value of a new row, of one where none was sent too."""
    return f"coalesce({sent(one, 'given')}, {one.missing})" if one.missing else sent(one, "given")


@cache
def select_statement(of: RowList) -> str:
    """Rows of media: media_id, id (0 where it has none), the columns. $1: ids of media."""
    columns = ", ".join(one.read.format(f"t.{one.column}") for one in of.fields)
    id = "t.id" if of.has_id else "0"
    order = "t.media_id, t.id" if of.has_id else "t.media_id"
    return f"SELECT t.media_id, {id}, {columns} FROM {of.table} t WHERE t.media_id = any($1::bigint[]) ORDER BY {order}"


def same_row(of: RowList, alias: str) -> str:
    """The condition that a row of the table is one that was sent."""
    if of.has_id:
        return f"t.id = {alias}.id"
    return " AND ".join(f"t.{name} = {alias}.{name}" for name in ("media_id", *of.key))


def key_fields(of: RowList) -> tuple[Field, ...]:
    return tuple(one for one in of.fields if one.column in of.key)


@cache
def delete_statement(of: RowList) -> str:
    """Deletes rows. $1: their ids, or else ids of media, and then the columns of the key."""
    if of.has_id:
        return deleted_rows(of.table, f"DELETE FROM {of.table} t WHERE t.id = any($1::bigint[])", "t", feed=False)
    fields = key_fields(of)
    names = ", ".join(["media_id", *(one.column for one in fields)])
    sets = ", ".join(["$1::bigint[]", *([arrays(fields, 2)] if fields else [])])
    text = f"DELETE FROM {of.table} t USING unnest({sets}) AS gone({names}) WHERE {same_row(of, 'gone')}"
    return deleted_rows(of.table, text, "t", feed=False)


@cache
def update_statement(of: RowList) -> str:
    """Gives rows new values. $1: their ids, or else ids of media; then the columns."""
    first = "id" if of.has_id else "media_id"
    names = ", ".join([first, *of.columns])
    others = [one for one in of.fields if one.column not in of.key]
    sets = [f"{one.column} = {sent(one, 'given')}" for one in others]
    sets += ["updated_at = now()"] if of.stamped else []
    sets += ["version = t.version + 1"] if of.versioned else []
    return (
        f"UPDATE {of.table} t SET {', '.join(sets)} FROM unnest($1::bigint[], {arrays(of.fields, 2)}) AS given({names})"
        f" WHERE {same_row(of, 'given')}"
    )


@cache
def insert_statement(of: RowList) -> str:
    """Inserts rows, in the order given. $1: ids of media; then the columns."""
    names = ", ".join(of.columns)
    values = ", ".join(sent_or_missing(one) for one in of.fields)
    columns, copies = copied(of.table) if of.table in COPIES else ("", "")
    separator = ", " if columns else ""
    media = " JOIN media m ON m.id = given.media_id" if columns else ""
    text = (
        f"INSERT INTO {of.table} (media_id, {names}{separator}{columns})"
        f" SELECT given.media_id, {values}{separator}{copies}"
        f" FROM unnest($1::bigint[], {arrays(of.fields, 2)}) WITH ORDINALITY AS given(media_id, {names}, place){media}"
        " ORDER BY given.place"
    )
    return inserted_rows(of.table, text, feed=False)
