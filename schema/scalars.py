"""Scalars beyond GraphQL's own."""

from __future__ import annotations

from typing import NewType

import strawberry
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from loaders.bounds import EXACT

__all__ = ["JSON", "SCALARS", "BigInt"]


def read_big_int(value: object) -> int:
    """A whole number that clients can hold; ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not EXACT.holds(value):
        raise ValueError("BigInt is a whole number between -(2^53 - 1) and 2^53 - 1.")
    return value


BigInt = NewType("BigInt", int)

SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number between -(2^53 - 1) and 2^53 - 1, as a JSON number: bytes of a file, say.",
        serialize=read_big_int,
        parse_value=read_big_int,
    )
}
