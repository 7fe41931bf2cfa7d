"""The context of an operation, which resolvers receive: its loaders."""

from __future__ import annotations

from enum import StrEnum

from loaders.registry import Loaders
from loaders.sql.unknown_name import Called


class EditState(StrEnum):
    """What is known of an edit: whether its transaction was committed. Values of `extensions.outcome`."""

    NOT_STORED = "NOT_STORED"
    STORED = "STORED"
    UNKNOWN = "UNKNOWN"


class Context:
    """One operation's context. `edits`: what is known of the edits that were begun, by their names in the answer.

    `called`: the names in the filters of fields, each with the field's place in the answer, positions left out."""

    __slots__ = ("called", "edits", "loaders", "observer")

    def __init__(self, loaders: Loaders) -> None:
        self.loaders = loaders
        self.called: list[tuple[list[str], Called]] = []
        self.edits: dict[str, EditState] = {}
        self.observer = loaders.reader.ledger
