"""What guessit finds in a file's name, with the places where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

OPTIONS = {"advanced": True, "no_user_config": True}


@dataclass(frozen=True, slots=True)
class Found:
    """A fact with the place where it stands in the file's name; in a folder's name places are below 0."""

    name: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NameGuess:
    """All that was found. stem: the file's name without its ending."""

    stem: str
    found: Sequence[Found]

    def first(self, name: str) -> Found | None:
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[Found]:
        """Those of a name, what stands in the file's own name first."""
        of_name = [one for one in self.found if one.name == name]
        return sorted(of_name, key=lambda one: (one.start < 0, one.start))

    def numbers(self, name: str) -> tuple[int, ...]:
        return tuple(sorted({one.value for one in self.all(name) if isinstance(one.value, int)}))

    def number(self, name: str) -> int | None:
        one = self.first(name)
        return one.value if one is not None and isinstance(one.value, int) else None

    def text(self, name: str) -> str | None:
        one = self.first(name)
        return str(one.value) if one is not None else None

    @property
    def date(self) -> date | None:
        one = self.first("date")
        return one.value if one is not None and isinstance(one.value, date) else None

    @property
    def is_episode(self) -> bool:
        return self.text("type") == "episode"


def guess_name(folders: Sequence[str], stem: str, ending: str) -> NameGuess:
    """A name as guessit reads it; nothing is found in what it fails at."""
    # guessit takes 15 MB, and most imports have no names to read.
    from guessit import guessit  # noqa: PLC0415
    from guessit.api import GuessitException  # noqa: PLC0415

    before = "".join(f"{one}/" for one in folders)
    try:
        answer = guessit(f"{before}{stem}{ending}", dict(OPTIONS))
    except GuessitException:
        return NameGuess(stem, [])
    found = [
        Found(str(name), one.value, one.start - len(before), one.end - len(before))
        for name, matches in answer.items()
        for one in (matches if isinstance(matches, list) else [matches])
    ]
    return NameGuess(stem, found)
