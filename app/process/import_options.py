"""The options of `python -m app import`, read from words."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from catalog.upsert.item import MatchBy, OnConflict
from domain.enums import MediaKind

KEY = "KEY"  # new items are new media: only their keys find them again
BY = (MatchBy.EXTERNAL_ID, MatchBy.PATH, MatchBy.TITLE)
MODES = {"replace": OnConflict.REPLACE, "merge": OnConflict.MERGE}


def read_location(given: str) -> str:
    """A script whose variable is not set does not mean the folder that it is in."""
    if not given:
        raise typer.BadParameter("The path or URL is empty: . is the present folder.")
    return given


def read_options(given: Sequence[str], columns: str | None) -> dict[str, str]:
    """NAME=VALUE each."""
    found: dict[str, str] = {}
    for one in [*given, *([f"map={columns}"] if columns is not None else [])]:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{one}: an option is NAME=VALUE.")
        found[name.strip()] = value
    return found


def read_match(given: str) -> tuple[MatchBy, ...]:
    words = [word.strip().upper() for word in given.split(",")]
    if words == [KEY]:
        return ()
    known = [one.value for one in BY]
    if len(set(words)) < len(words) or not {*words} <= {*known}:
        raise typer.BadParameter(f"--match is some of {', '.join(known)}, with commas between them; or {KEY} alone.")
    return tuple(MatchBy(word) for word in words)


def read_mode(given: str) -> OnConflict:
    if given.lower() not in MODES:
        raise typer.BadParameter(f"--mode is one of {', '.join(MODES)}.")
    return MODES[given.lower()]


def read_kind(given: str | None) -> str | None:
    if given is None or given.upper() in MediaKind.__members__:
        return given and given.upper()
    raise typer.BadParameter(f"--kind is one of {', '.join(MediaKind)}.")
