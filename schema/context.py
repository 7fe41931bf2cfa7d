"""What resolvers get beside their parent: the operation's loaders."""

from __future__ import annotations

from enum import StrEnum

from loaders.registry import Loaders


class EditState(StrEnum):
    """What is known of an edit: whether its transaction was committed. Values of `extensions.outcome`."""

    NOT_STORED = "NOT_STORED"
    STORED = "STORED"
    UNKNOWN = "UNKNOWN"


class Context:
    """One operation's context. `edits`: what is known of the edits that were begun, by their names in the answer."""

    __slots__ = ("edits", "loaders", "observer")

    def __init__(self, loaders: Loaders) -> None:
        self.loaders = loaders
        self.edits: dict[str, EditState] = {}
        self.observer = loaders.reader.ledger
