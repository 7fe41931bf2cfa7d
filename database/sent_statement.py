"""A statement on its way: what is noted of it for reports and traces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class SentStatement:
    """A statement on its way; the database notes when it ran and how many rows came. `error`: a code or a class.

    of_loader: it reads what the loader `name` is for, and is no part of a transaction."""

    name: str
    text: str
    of_loader: bool = True
    rows: int = 0
    started: float = 0.0
    ended: float = 0.0
    error: str | None = None

    @property
    def was_sent(self) -> bool:
        """Not where no connection was to be had."""
        return self.ended > 0
