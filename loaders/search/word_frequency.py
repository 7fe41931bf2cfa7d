"""How common words are among titles, by PostgreSQL's own statistics: what decides how a search goes about its work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from database.row import Column, Row
from loaders.search.lookup import Lookup, Reading

# A search that so many titles are thought to match, and such a part of all, is walked by rank: a page is filled soon.
MIN_WALKED, MIN_WALKED_PART = 1_000, 0.0005


class WordRow(Row):
    """A word of a search: the part of all titles that have it, and of the last row their number."""

    word = Column["str | None"]()
    part = Column[float]()


# Words, and what begins with the last one, among the most common of titles; and how many titles there are.
WORD_FREQUENCIES = """
SELECT e.word, e.part::float8 AS part FROM pg_stats s
CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(word, part)
WHERE s.schemaname = current_schema() AND s.tablename = 'media_title_lexemes'
  AND (e.word = any($1::text[]) OR starts_with(e.word, $2))
UNION ALL SELECT NULL, greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = 'media'::regclass
"""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Parts of all titles that have a word; of rare ones nothing is known. `titles`: how many there are, about."""

    parts: Mapping[str, float]
    titles: float

    @classmethod
    def of(cls, rows: list[WordRow]) -> Frequencies:
        return cls({row.word: row.part for row in rows if row.word}, sum(row.part for row in rows if row.word is None))

    def is_walked(self, lookup: Lookup) -> bool:
        """Whether so many titles match that they are walked by rank, as far as is known."""
        part = prod(min(1.0, sum(map(self.part_of, readings))) for readings in lookup.needed)
        return part >= MIN_WALKED_PART and part * self.titles >= MIN_WALKED

    def part_of(self, reading: Reading) -> float:
        *words, last = reading.words
        if not reading.is_prefix:
            return prod(self.parts.get(word, 0.0) for word in reading.words)
        going_on = sum(part for word, part in self.parts.items() if word.startswith(last))
        return prod(self.parts.get(word, 0.0) for word in words) * going_on


def asked_words(lookup: Lookup) -> tuple[list[str], str]:
    """The values of WORD_FREQUENCIES: words to look up, and what the last of them begins with."""
    readings = [one for readings in lookup.needed for one in readings]
    prefixes = [one.words[-1] for one in readings if one.is_prefix]
    # The prefix is the last word as it was written; what is joined with it is rare.
    return sorted({word for one in readings for word in one.words}), min(prefixes, key=len, default="\x01")
