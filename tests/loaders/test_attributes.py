"""Attributes: each is a column of its table that can be compared as its class says, and orders are sort keys."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from graphql import GraphQLEnumType, get_named_type

from app.service.graphql_service import GRAPHQL_SCHEMA
from loaders.media import MediaOrderField
from loaders.media_file import MediaFileOrderField
from loaders.release_group import ReleaseGroupOrderField
from loaders.sql.attribute import (
    Attribute,
    Attributes,
    Exact,
    Flag,
    Id,
    Number,
    Numbers,
    Reference,
    Scaled,
    Text,
    Time,
    Word,
)
from loaders.sql.named import NameOrderField
from loaders.sql.page import Pages
from tests.schema.test_declarations import declarations

COLUMNS = """
SELECT attrelid::regclass::text, attname, atttypid::regtype::text, NOT attnotnull FROM pg_attribute
WHERE attrelid::regclass::text = any($1::text[]) AND attnum > 0 AND NOT attisdropped
"""
TYPES = {
    Exact: {"text"},
    Flag: {"boolean"},
    Id: {"bigint"},
    Numbers: {"integer[]"},
    Reference: {"bigint"},
    Text: {"text"},
    Time: {"timestamp with time zone"},
    Word: {"text"},
}
ORDERS = [MediaOrderField, MediaFileOrderField, NameOrderField, ReleaseGroupOrderField]


def types_of(attribute: Attribute) -> set[str]:
    if isinstance(attribute, Number | Scaled):
        return {"bigint"} if attribute.type == "bigint" else {"integer", "smallint"}
    return TYPES[type(attribute)]


def attributes_of(noun: type[Attributes]) -> list[Attribute]:
    return [one for one in vars(noun).values() if isinstance(one, Attribute)]


async def test_each_attribute_is_a_column_of_its_type(connection: Any) -> None:
    nouns = Attributes.__subclasses__()
    rows = await connection.fetch(COLUMNS, [noun.table for noun in nouns])
    columns = {(table, name): type_ for table, name, type_, _ in rows}
    nullable = {(table, name) for table, name, _, is_nullable in rows if is_nullable}

    for noun in nouns:
        for attribute in attributes_of(noun):
            assert columns[noun.table, attribute.name] in types_of(attribute), (noun, attribute.name)
            if isinstance(attribute, Text):
                original = attribute.name.removeprefix("folded_")
                assert attribute.nullable == ((noun.table, original) in nullable), (noun, original)


def test_an_attribute_has_the_alias_of_its_noun() -> None:
    class Example(Attributes, table="example", alias="e"):
        name = Text(nullable=True)
        size = Number("size_in_bytes")

    assert (Example.table, Example.name.column, Example.name.original) == ("example", "e.folded_name", "e.name")
    assert (Example.size.name, Example.size.column) == ("size_in_bytes", "e.size_in_bytes")


def ordered_lists(order: str) -> Iterator[Pages[Any]]:
    """The lists that clients order by an enum of this name."""
    for _, _, field, declaration in declarations():
        if isinstance(declaration.ref, Pages) and "orderBy" in field.args:
            input_: Any = get_named_type(field.args["orderBy"].type)
            if get_named_type(input_.fields["field"].type).name == order:
                yield declaration.ref


@pytest.mark.parametrize("order", ORDERS)
def test_clients_order_by_the_keys_of_the_sources(order: type[StrEnum]) -> None:
    """A source may have further keys for its own order, which no client names."""
    lists = list(ordered_lists(order.__name__))

    assert lists
    for pages in lists:
        own = pages.source.sort.keys() - {one.value for one in order}
        assert pages.source.sort.keys() - own == {one.value for one in order}, pages.name
        assert own <= {by.field for by in pages.source.default}, pages.name
    type_ = GRAPHQL_SCHEMA.type_map[order.__name__]
    assert isinstance(type_, GraphQLEnumType)
    assert list(type_.values) == [one.value for one in order]
