"""Operations in files that people read: tests/data/natural/*.graphql and tests/data/hostile/*.graphql.

A blank line and a comment begin an operation. The comment says what it is for and ends in what is expected of it: as
many statements, or a code. A second line of it may be the variables, as JSON. `<98 x a#: id >` stands for its text
98 times, with the number of each in place of `#`; such may stand within each other, as `<9 x <9 y ...> >`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
BLOCK = re.compile(
    r"^# (?P<words>[^\n]*?) (?P<expected>\d+ statements?|[A-Z_]+)\.\n(?:# (?P<variables>.+)\n)?", re.MULTILINE
)
REPEATED = re.compile(r"<(\d+) x ([^<>]*)>")


@dataclass(frozen=True)
class Query:
    """An operation, its variables, what it is for, and what is expected of it."""

    words: str
    text: str
    variables: dict[str, Any]
    expected: str

    @property
    def statements(self) -> int:
        return int(self.expected.split()[0])


def read_queries(folder: str) -> list[Query]:
    """All that are in a folder's files."""
    return [query for path in sorted((DATA / folder).glob("*.graphql")) for query in read_file(path)]


def read_file(path: Path) -> list[Query]:
    blocks = re.split(r"\n+(?=^# [^{])", path.read_text().strip() + "\n", flags=re.MULTILINE)
    queries = []
    for block in blocks:
        head = BLOCK.match(block)
        assert head is not None, f"{path.name}: {block[:80]}"
        variables = json.loads(written_out(head["variables"] or "{}"))
        queries.append(Query(head["words"], written_out(block[head.end() :]), variables, head["expected"]))
    return queries


def written_out(text: str) -> str:
    """The text with what is repeated in it."""
    while (found := REPEATED.search(text)) is not None:
        times, part = int(found[1]), found[2]
        text = text[: found.start()] + "".join(part.replace("#", str(n)) for n in range(times)) + text[found.end() :]
    return text
