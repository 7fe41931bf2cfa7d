"""What names of files say, kept with an item from one reading to the next: guessit takes some 10 ms for each name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import orjson

from sources.folder.names import NameFacts
from sources.source import MAX_MEMO

# Raised where more is read of the same files than before, or names are read otherwise.
READER_VERSION = 2


def memo_of_names(facts: Mapping[str, NameFacts]) -> bytes:
    """By path. Nothing where it is more than can be kept."""
    told = [
        READER_VERSION,
        {
            path: {one.name: value for one in fields(of) if (value := getattr(of, one.name))}
            for path, of in facts.items()
        },
    ]
    try:
        made = orjson.dumps(told)
    except TypeError:  # names that are not UTF-8
        return b""
    return made if len(made) <= MAX_MEMO else b""


def names_of_memo(memo: bytes) -> dict[str, NameFacts]:
    """By path; none where it was made by another version."""
    if not memo:
        return {}
    version, told = orjson.loads(memo)
    return {path: facts_of_json(one) for path, one in told.items()} if version == READER_VERSION else {}


def facts_of_json(told: Mapping[str, Any]) -> NameFacts:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    day = told.get("date")
    values = {"title": "", "is_episode": False, **values, "date": date.fromisoformat(day) if day else None}
    return NameFacts(**values)
