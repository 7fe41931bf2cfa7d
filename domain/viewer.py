"""Who reads and who writes: which libraries they may see and change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads. `libraries`: ids of the libraries that are visible, None for all of them, later ones included.

    name: by which what they do is told of; None where keys have no names."""

    libraries: tuple[int, ...] | None = None
    roles: frozenset[str] = frozenset()
    name: str | None = None


UNRESTRICTED = Viewer()
