"""Media found by their titles, in SQL: gathered by the words' index where few match, else walked by rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loaders.search.lookup import Lookup
from loaders.search.match_sql import (
    ALL_WORDS,
    BEGINNING,
    LAST_LETTER,
    WHOLE,
    WHOLE_BUT_ARTICLE,
    Matcher,
    plain_words,
)
from loaders.search.position import HitPosition
from loaders.sql.source import Filter
from loaders.sql.statement import Composer

# Of so many matches the best are found; a search that has more is walked, if the statistics are right.
MAX_GATHERED = 20_000
# Whole titles that are walked past the others.
MAX_WHOLE = 1_000


@dataclass(frozen=True, slots=True)
class Titles:
    """What is asked of media in one statement: the lookup, and which media may be found at all.

    is_common: whether very many titles match a lookup."""

    lookup: Lookup
    filter: Filter
    composer: Composer
    is_common: Callable[[Lookup], bool]
    matchers: dict[Lookup, Matcher] = field(default_factory=dict)

    def matcher(self, lookup: Lookup | None = None) -> Matcher:
        """The conditions of a lookup, of the whole one by itself: made once, so that parameters are."""
        lookup = lookup or self.lookup
        if lookup not in self.matchers:
            self.matchers[lookup] = Matcher(lookup, self.composer)
        return self.matchers[lookup]

    @property
    def matched(self) -> str:
        """That media m is found by its own title."""
        conditions = self.matcher().by_index("m.title_words")
        if (apart := self.lookup.year_apart()) is not None:
            lookup, year = apart
            in_year = f"m.year = {self.matcher().parameter(str(year))}::integer"
            conditions += f" OR {self.matcher(lookup).by_index('m.title_words')} AND {in_year}"
        return f"({conditions})"

    @property
    def allowed_beside(self) -> str:
        """Conditions on media m found by more than their own title: it has no word that is excluded."""
        excluded = "".join(f" AND NOT {self.matcher().has('m.title_words', one)}" for one in self.lookup.excluded)
        return f"{self.allowed}{excluded}"

    @property
    def allowed(self) -> str:
        """Conditions of viewer and filter on media m."""
        conditions = "".join(f" AND {one}" for one in self.filter.conditions(self.composer))
        return f"{{visible:m.library_id}}{conditions}"

    def gathered(self) -> str:
        """All that match, with their ranks: id, tier, extra, low."""
        parts = [self.ranked(self.lookup)]
        apart = self.lookup.year_apart()
        if apart is not None:
            lookup, year = apart
            parts.append(self.ranked(lookup, f" AND m.year = {self.matcher().parameter(str(year))}::integer"))
        if len(parts) == 1:
            return parts[0]
        both = " UNION ALL ".join(f"({part})" for part in parts)
        return f"SELECT id, min(tier) AS tier, min(extra) AS extra, min(low) AS low FROM ({both}) AS part GROUP BY id"

    def ranked(self, lookup: Lookup, more: str = "") -> str:
        match = self.matcher(lookup)
        return (
            f"SELECT m.id, {match.tier('w.plain', 'm.title_key')} AS tier, {match.extra('w.plain')} AS extra,"
            f" -m.search_rank AS low FROM media m CROSS JOIN LATERAL (SELECT {plain_words('m.title_words')} AS plain) w"
            f" WHERE {match.by_index('m.title_words')}{more}{self.allowed} LIMIT {MAX_GATHERED}"
        )

    def walked(self, after: HitPosition | None, limit: int) -> str:
        """The first of those that match, after a position: whole titles, beginnings, all others by rank."""
        match = self.matcher()
        if self.lookup.is_empty:
            return self.walk(f"{match.by_text('m.title_words')}{self.allowed}", ALL_WORDS, after, limit)
        keys, whole = match.parameter(self.lookup.keys), match.parameter(self.lookup.text)
        words, written = "m.title_words", match.by_text("m.title_words")
        is_whole = f"m.title_key = any({keys})"
        parts = []
        if after is None or after.tier <= WHOLE_BUT_ARTICLE:
            parts.append(
                f"SELECT m.id, CASE WHEN {plain_words(words)} = {whole} THEN {WHOLE} ELSE {WHOLE_BUT_ARTICLE} END"
                f" AS tier, 0 AS extra, -m.search_rank AS low FROM media m WHERE {is_whole} AND {written}{self.allowed}"
                f" LIMIT {MAX_WHOLE}"
            )
        if after is None or after.tier <= BEGINNING:
            key = self.lookup.keys[0]
            start, end = match.parameter(key), match.parameter(key + LAST_LETTER)
            begins = f"m.title_key >= {start} AND m.title_key < {end} AND NOT {is_whole} AND {written}{self.allowed}"
            # OFFSET 0: their range is read and sorted, instead of all titles by rank.
            table = f"(SELECT m.id, m.search_rank FROM media m WHERE {begins} OFFSET 0) AS m"
            parts.append(self.walk("true", BEGINNING, after, limit, table))
        # By the words, which the index has, and not by the key, for which each row would be fetched.
        key = f"search_key({words})"
        rest = f"{written} AND NOT {key} = any({keys}) AND NOT {match.begins(key)}{self.allowed}"
        parts.append(self.walk(rest, ALL_WORDS, after, limit))
        return " UNION ALL ".join(f"({part})" for part in parts)

    def walk(self, where: str, tier: int, after: HitPosition | None, limit: int, table: str = "media m") -> str:
        """Media by rank for which conditions hold; after a position, where it is of the same tier."""
        beyond = ""
        if after is not None and after.tier == tier and after.place == 0:
            rank, id = self.composer.parameter(-after.low), self.composer.parameter(-after.minus_id)
            beyond = f" AND (m.search_rank, m.id) < ({rank}::integer, {id}::bigint)"
        return (
            f"SELECT m.id, {tier} AS tier, 0 AS extra, -m.search_rank AS low FROM {table}"
            f" WHERE {where}{beyond} ORDER BY m.search_rank DESC, m.id DESC LIMIT {limit}"
        )
