"""Enums are declared once: the database's checks, the schema and the loaders' attributes all say the same."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from graphql import GraphQLEnumType

from app.service.graphql_service import GRAPHQL_SCHEMA
from domain import enums
from domain.enums import COLUMN_ENUMS
from loaders.sql.attribute import Attributes, Word

# The columns that may have some values only.
CHECKED = """
SELECT c.conrelid::regclass || '.' || a.attname, pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'c' AND cardinality(c.conkey) = 1 AND pg_get_constraintdef(c.oid) ~ '= ANY'
"""
DECLARED = [one for one in vars(enums).values() if isinstance(one, type) and issubclass(one, StrEnum)]


async def test_each_enum_has_the_values_that_the_database_takes_for_its_columns(connection: Any) -> None:
    checks = {row[0]: re.findall(r"'(\w+)'::text", row[1]) for row in await connection.fetch(CHECKED)}

    assert {column: sorted(words) for column, words in checks.items()} == {
        column: sorted(enum) for column, enum in COLUMN_ENUMS.items()
    }


def test_each_enum_is_in_the_schema_with_a_description_of_each_value() -> None:
    for enum in DECLARED:
        if enum is not StrEnum:
            type_ = GRAPHQL_SCHEMA.type_map[enum.__name__]
            assert isinstance(type_, GraphQLEnumType)
            assert list(type_.values) == [one.name for one in enum] == [one.value for one in enum]
            assert all(value.description for value in type_.values.values()), enum


def test_attributes_take_the_enum_of_their_column() -> None:
    for attributes in Attributes.__subclasses__():
        for attribute in vars(attributes).values():
            if isinstance(attribute, Word):
                assert attribute.type is COLUMN_ENUMS.get(f"{attributes.table}.{attribute.name}", str), attribute.column
