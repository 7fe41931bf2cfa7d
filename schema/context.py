"""What resolvers get beside their parent: the operation's loaders."""

from __future__ import annotations

from loaders.registry import Loaders


class Context:
    """One operation's context."""

    __slots__ = ("loaders", "observer")

    def __init__(self, loaders: Loaders) -> None:
        self.loaders = loaders
        self.observer = loaders.reader.ledger
