"""What is known of the words of a search: how common they are among titles, and which words are nearly the same.

How common they are decides how the search goes about its work, by PostgreSQL's own statistics; wrong letters are looked
for only where little is found by the words as they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from database.row import Column, Row
from database.statement import PlanMode, Statement, with_label
from domain.enums import SearchCorrect
from loaders.core.read_session import ReadSession
from loaders.search.distance import distance
from loaders.search.lookup import Lookup, Reading
from loaders.search.match_sql import lexemes_sql

# A search that so many titles are thought to match, and such a part of all, is walked by rank: a page is filled soon.
MIN_WALKED, MIN_WALKED_PART = 1_000, 0.0005
# A search of words that all are as common finds much. One that finds so few titles or names is read otherwise as well.
COMMON_PART, FEW = 0.002, 10
# Words that may be meant by one that was written.
MAX_NEAR_WORDS, MAX_NEAR = 500, 80
# The shortest that may have a letter too few.
MIN_LETTERS = 3


class WordRow(Row):
    """One row a fact. `word` with `part`: the part of all titles that have it; with `near`: a word that is nearly the
    same; without a word `part` is the number of titles."""

    word = Column["str | None"]()
    part = Column["float | None"]()
    near = Column["str | None"]()


# $1: the words, and what begins with $2, among the most common of titles; how many titles there are; for words in $3
# those that share one of the keys in $4, where little is found by the tsquery $5, or $6 says so.
WORDS_SQL = f"""
WITH common AS MATERIALIZED (
    SELECT e.word, e.part::float8 AS part FROM pg_stats s
    CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(word, part)
    WHERE s.schemaname = current_schema() AND s.tablename = 'media_title_lexemes'
      AND (e.word = any($1::text[]) OR starts_with(e.word, $2))
), corrected AS MATERIALIZED (
    SELECT $6::boolean OR $5::text <> '' AND EXISTS (
        SELECT FROM unnest($3::text[]) AS asked(word) WHERE NOT EXISTS (
            SELECT FROM common c WHERE c.word = asked.word AND c.part > {COMMON_PART}
        )
    ) AND (SELECT count(*) FROM (
        SELECT FROM media m WHERE {lexemes_sql("m.title_words")} @@ (SELECT $5::text::tsquery) LIMIT {FEW}
    ) AS few) < {FEW} AS is_tried
)
SELECT word, part, NULL::text AS near FROM common
UNION ALL SELECT NULL, greatest(reltuples, 0)::float8, NULL FROM pg_class WHERE oid = 'media'::regclass
UNION ALL SELECT asked.word, NULL, near.word FROM corrected
CROSS JOIN LATERAL unnest($3::text[], $4::text[]) AS asked(word, keys)
CROSS JOIN LATERAL (
    SELECT s.word FROM search_word s WHERE search_word_keys(s.word) && string_to_array(asked.keys, ' ')
      AND search_distance(s.word, asked.word, 3) <= 3 AND s.word <> asked.word LIMIT {MAX_NEAR_WORDS}
) AS near WHERE corrected.is_tried
"""


SEARCH_WORDS: Statement[WordRow] = Statement(
    "search_words", with_label("search_words", WORDS_SQL.strip()), WordRow, PlanMode.GENERIC
)


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Parts of all titles that have a word; of rare ones nothing is known. `titles`: how many there are, about.

    near: by word those that may be meant by it, the nearest first, with the number of wrong letters."""

    parts: Mapping[str, float]
    titles: float
    near: Mapping[str, Sequence[tuple[int, str]]]

    @classmethod
    def of(cls, rows: list[WordRow]) -> KnownWords:
        near: dict[str, list[tuple[int, str]]] = {}
        parts: dict[str, float] = {}
        for row in rows:
            if row.word is not None and row.near is not None:
                if (wrong := may_mean(row.word, row.near)) is not None:
                    near.setdefault(row.word, []).append((wrong, row.near))
            elif row.word is not None:
                parts[row.word] = row.part or 0.0
        titles = sum(row.part or 0.0 for row in rows if row.word is None)
        return cls(parts, titles, {word: sorted(found)[:MAX_NEAR] for word, found in near.items()})

    def is_walked(self, lookup: Lookup) -> bool:
        """Whether so many titles match that they are walked by rank, as far as is known."""
        # "2 ii" asks for the same twice: each is read as the other.
        asked = {frozenset(one.words for one in readings): readings for readings in lookup.needed}
        part = prod(min(1.0, sum(map(self.part_of, readings))) for readings in asked.values())
        return part >= MIN_WALKED_PART and part * self.titles >= MIN_WALKED

    def part_of(self, reading: Reading) -> float:
        if reading.is_parted:
            return 0.0
        *words, last = reading.words
        if not reading.is_prefix:
            return prod(self.parts.get(word, 0.0) for word in reading.words)
        going_on = sum(part for word, part in self.parts.items() if word.startswith(last))
        return prod(self.parts.get(word, 0.0) for word in words) * going_on


async def known_words(reader: ReadSession, lookup: Lookup, correct: SearchCorrect) -> KnownWords:
    """What is known of the words of a lookup: one statement."""
    return KnownWords.of(await reader.fetch(SEARCH_WORDS, word_values(lookup, correct)))


def wrong_letters(size: int) -> int:
    """How many letters of a word of so many may be wrong, or exchanged with the one beside it."""
    return 0 if size < 4 else 1 if size < 8 else 2


def may_mean(written: str, meant: str) -> int | None:
    """How many letters are wrong if a word was meant, None for too many: the longer one's letters count."""
    wrong = distance(written, meant)
    return wrong if wrong <= wrong_letters(max(len(written), len(meant))) else None


def keys_of_word(word: str) -> list[str]:
    """Of which keys (search_word_keys() in the database) a word that was meant has one: those of a part that has no
    wrong letter, or of the word with the two letters exchanged in the middle, which both halves share."""
    size, keys = len(word), []
    for length in range(max(size - 2, 3), size + 3):
        longer = max(size, length)
        most = wrong_letters(longer)
        if not most or abs(size - length) > most:
            continue
        half = longer // 2 if most == 1 else 3
        keys += keys_of_ends(word, half, longer - half, length)
        if most == 2:
            keys.append(f"-{word[3:6]}{length}")
        elif length == size:
            exchanged = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
            keys += keys_of_ends(exchanged, half, size - half, size)
    return keys


def keys_of_ends(word: str, half: int, rest: int, length: int) -> list[str]:
    """The keys of a word's first letters and of its last ones, as words of a length have them."""
    first, last = (2 if letters < 3 or length < 5 else 3 for letters in (half, rest))
    return [f"^{word[:first]}{length}", f"${word[-last:]}{length}"]


def word_values(lookup: Lookup, correct: SearchCorrect) -> list[object]:
    """The values of WORDS_SQL."""
    readings = [one for readings in lookup.needed for one in readings if not one.is_parted]
    prefixes = [one.words[-1] for one in readings if one.is_prefix]
    doubtful = [word for word in dict.fromkeys(written_words(lookup)) if len(word) >= MIN_LETTERS and word.isalpha()]
    doubtful = [] if correct == SearchCorrect.NEVER else doubtful
    return [
        sorted({word for one in readings for word in one.words}),
        # The last word as it was written; what is joined with it is rare.
        min(prefixes, key=len, default="\x01"),
        doubtful,
        [" ".join(keys_of_word(word)) for word in doubtful],
        lookup.certain if doubtful else "",
        correct == SearchCorrect.ALWAYS and bool(doubtful),
    ]


def written_words(lookup: Lookup) -> list[str]:
    """The words of terms that are one word each."""
    return [term[0].words[0] for term in lookup.needed if len(term[0].words) == 1]
