"""What the options of folders of media may be: each function gives the value, or raises SourceError."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from sources.source import SourceError

MAX_WORKERS = 64


def one_of(name: str, values: Sequence[str], value: str) -> str:
    if value not in values:
        raise SourceError(f"{name}={value}: one of {', '.join(values)} is needed here.")
    return value


extras_of = partial(one_of, "extras", ("skip", "clips"))
links_of = partial(one_of, "links", ("skip", "follow"))


def workers_of(value: str) -> int:
    if not value:
        return max(1, os.cpu_count() or 1)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_WORKERS:
        raise SourceError(f"workers={value}: a number from 1 to {MAX_WORKERS} is needed here.")
    return int(value)
