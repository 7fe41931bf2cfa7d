"""MetadataFilter: conditions on the free metadata of media."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import strawberry

from domain.errors import CatalogError, Code
from domain.exact_json import is_exact
from loaders.sql.condition import Condition
from loaders.sql.metadata import JsonBound, JsonExists, JsonValue, canonical_json
from schema.core.paging import storable_text
from schema.core.scalars import JSON
from schema.filter.reading import Reading

MAX_PATH_LENGTH = 10
MAX_KEY_LENGTH = 200
MAX_JSON_DEPTH = 10
LARGEST_JSON = 10_000
LARGEST_NUMBER = 1e300


@strawberry.input(description="Conditions on one value in the metadata; all given ones hold together.")
class MetadataFilter:
    path: list[str] = strawberry.field(
        description='The path to the value, as keys from the outside in: ["release", "group"]. Not through arrays.'
    )
    eq: JSON | None = strawberry.field(default=None, description="It equals this JSON value; null sets no condition.")
    contains: JSON | None = strawberry.field(
        default=None, description="It contains the keys and values, or the items, of this JSON value."
    )
    min: float | None = strawberry.field(default=None, description="It is a number, at least this.")
    max: float | None = strawberry.field(default=None, description="It is a number, at most this.")
    exists: bool | None = strawberry.field(
        default=None, description="true: only with a value, including JSON null; false: only without one."
    )


def read_metadata(given: list[MetadataFilter], reading: Reading) -> Iterator[Condition]:
    """That all of these hold."""
    for one in reading.list(given):
        reading.predicate()
        path = read_path(reading.list(one.path))
        if one.eq is not None:
            yield JsonValue(path, read_json(one.eq))
        if one.contains is not None:
            yield JsonValue(path, read_json(one.contains), contains=True)
        if one.min is not None:
            yield JsonBound(path, ">=", read_number(one.min))
        if one.max is not None:
            yield JsonBound(path, "<=", read_number(one.max))
        if one.exists is not None:
            yield JsonExists(path, one.exists)


def read_path(given: list[str]) -> tuple[str, ...]:
    """Keys that PostgreSQL can hold, at least one."""
    if not 1 <= len(given) <= MAX_PATH_LENGTH or any(len(key) > MAX_KEY_LENGTH for key in given):
        message = f"A path has 1 to {MAX_PATH_LENGTH} keys of at most {MAX_KEY_LENGTH} characters."
        raise CatalogError(Code.BAD_ARGUMENT, message)
    return tuple(given)


def read_json(given: Any) -> str:
    """The JSON text of a value that PostgreSQL can hold, and that is not too much to compare."""
    check_json(given, MAX_JSON_DEPTH)
    text = canonical_json(given)
    if len(text) > LARGEST_JSON:
        raise CatalogError(Code.BAD_ARGUMENT, f"A JSON value in a filter has at most {LARGEST_JSON} characters.")
    return text


def check_json(value: Any, depth: int) -> None:
    """BAD_ARGUMENT for what is too deep, or cannot be stored."""
    if depth == 0:
        raise CatalogError(Code.BAD_ARGUMENT, f"A JSON value in a filter is at most {MAX_JSON_DEPTH} levels deep.")
    if isinstance(value, dict):
        for part in (*value, *value.values()):
            check_json(part, depth - 1)
    elif isinstance(value, list):
        for part in value:
            check_json(part, depth - 1)
    elif isinstance(value, str):
        storable_text(value)
    elif isinstance(value, int | float) and not (is_exact(value) and -LARGEST_NUMBER <= value <= LARGEST_NUMBER):
        raise CatalogError(
            Code.BAD_ARGUMENT, "This number is too large, or has too many digits to be compared exactly."
        )


def read_number(given: float) -> str:
    """A number as PostgreSQL reads it from text."""
    if math.isnan(given):
        raise CatalogError(Code.BAD_ARGUMENT, "NaN is no number to compare with.")
    return repr(given)
