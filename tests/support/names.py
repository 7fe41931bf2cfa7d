"""How many names of files are read right. `python -m tests.support.names > docs/names.md` writes what is wrong."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sources.folder.names import NameFacts, read_name

HERE = Path(__file__).parent
NAMES = HERE.parent / "data" / "names.jsonl"
INTRODUCTION = HERE / "names.md"
NUMERALS = {
    1: ("i", "one"),
    2: ("ii", "two"),
    3: ("iii", "three"),
    4: ("iv", "four"),
    5: ("v", "five"),
    6: ("vi", "six"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A name, the facts that are stated of it, those that were read, and which of them differ."""

    stated: Mapping[str, Any]
    read: NameFacts
    wrong: tuple[str, ...]

    @property
    def origin(self) -> str:
        return str(self.stated["origin"])


def plain(text: object) -> str:
    """A title without case, accents' form, signs and blanks that do not tell titles apart."""
    folded = unicodedata.normalize("NFC", str(text)).casefold().replace("'", "")
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def titles_stated(stated: Mapping[str, Any]) -> set[str]:
    """The title, alone or with what is stated to belong to it: an alternative title, a part, a country."""
    found = {plain(stated["title"])}
    for name in ("alternative_title", "country"):
        more = stated.get(name, [])
        for one in more if isinstance(more, list) else [more]:
            found |= {plain(f"{title} {one}") for title in found}
    part = stated.get("part")
    if isinstance(part, int):
        found |= {f"{title} part {word}" for title in found for word in (part, *NUMERALS.get(part, ()))}
    return found


def titles_read(facts: NameFacts) -> set[str]:
    """The title, alone or with the year, the country or the season that was read beside it."""
    beside = [
        facts.year,
        facts.country,
        *(f"s{one}" for one in facts.seasons),
        *(f"s{one:02}" for one in facts.seasons),
    ]
    return {plain(facts.title), *(plain(f"{facts.title} {one}") for one in beside if one is not None)}


def differences(stated: Mapping[str, Any], facts: NameFacts) -> Iterator[str]:
    """Which of the stated facts are read otherwise; what is not stated is not compared."""
    if "title" in stated and titles_stated(stated).isdisjoint(titles_read(facts)):
        yield "title"
    date = facts.date.isoformat() if facts.date is not None else None
    if "year" in stated and stated["year"] not in (facts.year, date and int(date[:4])):
        yield "year"
    if "kind" in stated and (stated["kind"] == "episode") != facts.is_episode:
        yield "kind"
    for name, read in (("season", facts.seasons), ("episode", facts.episodes)):
        if name in stated and sorted(stated[name]) != sorted(read):
            yield name
    if stated.get("date", date) != date:
        yield "date"


def stated_facts(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_all(path: Path) -> list[Reading]:
    stated = stated_facts(path)
    paths = [one["name"].replace("\\", "/") for one in stated]
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1)) as processes:
        facts = list(processes.map(read_name, paths, chunksize=50))
    return [Reading(one, read, tuple(differences(one, read))) for one, read in zip(stated, facts, strict=True)]


@cache
def readings() -> list[Reading]:
    """Of the names that are kept with the tests."""
    return read_all(NAMES)


def shares(found: Iterable[Reading]) -> dict[str, tuple[int, int]]:
    """By origin, how many are right, of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for one in found:
        right, all_ = counts.get(one.origin, (0, 0))
        counts[one.origin] = (right + (not one.wrong), all_ + 1)
    return counts


def told(facts: NameFacts) -> str:
    kept = {
        "title": facts.title,
        "year": facts.year,
        "kind": "episode" if facts.is_episode else "movie",
        "season": list(facts.seasons),
        "episode": list(facts.episodes),
        "date": str(facts.date) if facts.date else None,
    }
    return ", ".join(f"{name} {value}" for name, value in kept.items() if value)


def document(found: Iterable[Reading]) -> str:
    """docs/names.md: the introduction, the shares, and each name that is read otherwise than stated."""
    found = list(found)
    lines = [
        INTRODUCTION.read_text(encoding="utf-8").rstrip(),
        "",
        "| origin | right | of | share |",
        "|---|---|---|---|",
    ]
    for origin, (right, all_) in shares(found).items():
        lines.append(f"| {origin} | {right} | {all_} | {100 * right / all_:.1f} % |")
    lines += ["", "## What is read otherwise than stated", ""]
    for one in found:
        if one.wrong:
            facts = ", ".join(f"{name} {value}" for name, value in one.stated.items() if name in one.wrong)
            lines.append(f"- `{one.stated['name']}` ({one.origin}): stated {facts}; read {told(one.read)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document(readings()))
