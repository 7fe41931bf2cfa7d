"""How a format of sources is declared: its name, what tells it apart, its options, and what opens it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from catalog.upsert.item import MatchBy
from sources.source import Source, SourceError

Guess: TypeAlias = Callable[[str], float]
Open: TypeAlias = Callable[[str, Mapping[str, str]], Source]
Ask: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Option:
    """What can be said of how a location is read. default: in words, what is done where it is not given.

    is_for_command: it names programs, reaches out of the location or takes up the machine, so that clients may not
    give it. check: SourceError for a value that it cannot have; it looks at no file, so that it can be called before
    anything is read."""

    name: str
    description: str
    default: str = ""
    is_for_command: bool = False
    check: Callable[[str], object] = str


ANY_KEY = (MatchBy.EXTERNAL_ID, MatchBy.PATH, MatchBy.TITLE)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of sources; sources/formats.py lists them all.

    guess: how surely a location is of it, from 0 (not at all) to 1, by what lies there; it may read the file system and
    is called in a thread. told_by: what it looks at, in words. open: the source, without reading the items. ask: for
    what lies behind a URL, whether a server there is of it; SourceError where it does not tell. reads: of each thing
    that is read, what it becomes. match_by: by which keys a new item finds its media, unless the import is told
    otherwise."""

    name: str
    description: str
    told_by: str
    guess: Guess
    open: Open
    options: tuple[Option, ...] = ()
    ask: Ask | None = None
    reads: tuple[tuple[str, str], ...] = ()
    match_by: tuple[MatchBy, ...] = ANY_KEY


def check_options(of: Format, options: Mapping[str, str]) -> None:
    """SourceError for an option that the format does not have, or a value that its option cannot have."""
    known = {one.name: one for one in of.options}
    for name, value in options.items():
        if name not in known:
            have = f"It has {', '.join(known)}." if known else "It has none."
            raise SourceError(f"The format {of.name} has no option {name}. {have}")
        known[name].check(value)
