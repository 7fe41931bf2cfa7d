"""What a statement does, in the words of OpenTelemetry's conventions: its operation and its table, never a value."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from database.sent_statement import SentStatement

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# "DO UPDATE SET" and "FOR UPDATE OF m" change no table of their own.
CHANGE = re.compile(
    r"\b(?:(INSERT|MERGE) INTO|(DELETE) FROM|(UPDATE)(?= (?:ONLY )?\w+(?: (?:AS )?\w+)? SET\b)|(TRUNCATE)(?: TABLE)?)"
    r" (?:ONLY )?([\w.]+)",
    re.IGNORECASE,
)
SOURCE = re.compile(r"\b(?:FROM|JOIN) (?:ONLY )?([\w.]+)(?![\w.]*\s*\()", re.IGNORECASE)
READS = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})


class Summary(NamedTuple):
    """`operation`: "INSERT"; `table`: what it changes or reads, where that can be seen from the text."""

    operation: str
    table: str | None

    def text(self, target: str | None = None) -> str:
        """ "INSERT media"; `target` stands in for the table."""
        return " ".join(filter(None, (self.operation, target or self.table)))


@lru_cache(maxsize=1000)
def summarise(text: str) -> Summary:
    """Of a statement that changes something in whatever part of it: that; else what it reads first."""
    plain = " ".join(COMMENT.sub(" ", text).split())
    if (change := CHANGE.search(plain)) is not None:
        *operations, table = change.groups()
        return Summary(next(filter(None, operations)).upper(), table)
    verb = plain.partition(" ")[0].upper()
    if verb not in READS:
        return Summary(verb, None)
    source = SOURCE.search(plain)
    return Summary("SELECT", None if source is None else source[1])


def statement_attributes(sent: SentStatement) -> dict[str, str | int]:
    """The database conventions. A loader's statement is summed up by the loader's name: it may read many tables."""
    found = summarise(sent.text)
    attributes: dict[str, str | int] = {
        "db.system.name": "postgresql",
        "db.operation.name": found.operation,
        "db.query.summary": found.text(sent.name if sent.of_loader else None),
        "db.query.text": sent.text,
        "db.response.returned_rows": sent.rows,
    }
    if found.table is not None and not sent.of_loader:
        attributes["db.collection.name"] = found.table
    return attributes
