"""What an operation of this benchmark is, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from bench.catalogue.subject import Subject

Variables = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a row of the requirements wants: less than so many milliseconds, of 95 % of the requests over one connection
    or of all statements in the database; said for sizes from `least` to `most`."""

    row: str
    milliseconds: float
    of: Literal["request", "database"] = "request"
    least: int = 0
    most: int = 1_000_000

    def is_for(self, size: int) -> bool:
        return self.least <= size <= self.most


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """`name` is the operation's own too. `answer`: what every good answer has in it, a regular expression.

    `variables`: a set for each request; none where the operation makes no sense at a size. An `is_edit` changes
    something, so that each set is sent once; others are sent in turn for as long as is measured."""

    name: str
    title: str
    document: str
    answer: str
    figures: tuple[Figure, ...]
    variables: Callable[[Subject], Variables]
    is_edit: bool = False

    def bodies(self, subject: Subject) -> list[str]:
        return [
            orjson.dumps({"query": self.document, "operationName": self.name, "variables": variables}).decode()
            for variables in self.variables(subject)
        ]
