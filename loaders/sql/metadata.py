"""Conditions on the free metadata of media: a JSON object, asked by the keys that lead to a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from loaders.sql.condition import VALUE_SQL
from loaders.sql.statement import Composer

COLUMN = "m.metadata"
GENRES_PATH = ("genres",)  # has an index of its own, a much smaller one


def canonical_json(value: object) -> str:
    """The JSON text of a value, equal for equal values; 1, 1.0 and true are different texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def value_at(path: tuple[str, ...], composer: Composer) -> str:
    """SQL of the value at a path; NULL where there is none. Keys lead through objects alone, not through arrays."""
    composer.checks += 1
    return COLUMN + "".join(f" -> {composer.parameter(key)}::text" for key in path)


@dataclass(frozen=True, slots=True)
class JsonValue:
    """That the value at a path is this JSON text's, or contains it. Either is found by the index of metadata."""

    path: tuple[str, ...]
    value: str
    contains: bool = False

    def sql(self, composer: Composer) -> str:
        around = self.value
        for key in reversed(self.path):
            around = f"{{{json.dumps(key, ensure_ascii=False)}:{around}}}"
        if self.contains and self.path == GENRES_PATH and self.value[0] in "[{":
            return f"({COLUMN} -> 'genres') @> {composer.parameter(self.value)}::text::jsonb"
        contains = f"{COLUMN} @> {composer.parameter(around)}::text::jsonb"
        if self.contains:
            return contains
        return f"({contains} AND {value_at(self.path, composer)} = {composer.parameter(self.value)}::text::jsonb)"


@dataclass(frozen=True, slots=True)
class JsonBound:
    """That the value at a path is a number, at least or at most this one (as text)."""

    path: tuple[str, ...]
    sign: Literal[">=", "<="]
    number: str

    def sql(self, composer: Composer) -> str:
        value, number = value_at(self.path, composer), VALUE_SQL["decimal"].format(composer.parameter(self.number))
        return f"CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value})::numeric {self.sign} {number} END"


@dataclass(frozen=True, slots=True)
class JsonExists:
    """That there is a value at a path, JSON's null among them, or that there is none."""

    path: tuple[str, ...]
    exists: bool

    def sql(self, composer: Composer) -> str:
        return f"({value_at(self.path, composer)}) IS {'NOT ' if self.exists else ''}NULL"
