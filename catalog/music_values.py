"""Checks of the lists that music has, which are stored in columns of their own."""

from __future__ import annotations

import json
from typing import Any

from catalog.checks import ValueCheck, exact, whole
from catalog.media_values import bad_argument
from domain.bounds import CHANGES_OF_MUSIC, COLUMNS, PROGRAMS, Bounds

METRE = exact(7, "[1-9][0-9]{0,2}/[1-9][0-9]{0,2}", "A time signature such as 4/4")
PROGRAM = whole(Bounds(0, PROGRAMS - 1))


def programs(value: Any) -> str:
    """Programs of General MIDI, each once, with commas between them: as they are sent to the database."""
    if not isinstance(value, list | tuple):
        raise bad_argument("A list of programs is needed here.")
    return ",".join(map(str, sorted({PROGRAM(one) for one in value})))


def changes_of(check: ValueCheck) -> ValueCheck:
    """Pairs of milliseconds and values, in the order of time; as JSON, the way that PostgreSQL writes it."""
    moment = whole(COLUMNS["music.duration_ms"])

    def checked(value: Any) -> str:
        if not isinstance(value, list | tuple) or len(value) > CHANGES_OF_MUSIC:
            raise bad_argument(f"At most {CHANGES_OF_MUSIC} changes are needed here.")
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):
            raise bad_argument("A change is a pair of milliseconds and what holds from there on.")
        pairs = {moment(at): check(after) for at, after in value}
        if len(pairs) < len(value):
            raise bad_argument("Two of these changes are at the same time.")
        return json.dumps(sorted(pairs.items()), ensure_ascii=False)

    return checked
