"""What the benchmark asks of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.search.documents import Document

MOST = 10  # documents of an answer
# How much a word in each field counts, for engines that ask for it: in the order that Marquee's own answers have.
BOOSTS = {"title": 8.0, "aliases": 6.0, "people": 3.0, "year": 3.0, "genres": 2.0, "overview": 1.0}


@dataclass(frozen=True, slots=True)
class Engine:
    """`version`: of what was measured; `settings`: how it was set up, a sentence for the report."""

    name: str
    version: str
    settings: str
    searcher: Searcher


class Searcher(Protocol):
    def __call__(self, documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
        """Ids of documents for each query, the best first, at most MOST."""


class MissingEngineError(Exception):
    """An engine's package is not installed; the message says how it is had."""


def fields_of(document: Document) -> dict[str, str]:
    """The texts that are searched."""
    return {
        "title": document.title,
        "aliases": ". ".join(document.aliases),
        "people": ", ".join(document.people),
        "year": str(document.year or ""),
        "genres": ", ".join(document.genres),
        "overview": document.overview,
    }
