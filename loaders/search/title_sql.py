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
# Entries that are walked for a page. A search that is walked is thought to match one title of 2,000 at least.
MAX_WALKED = 20_000
BY_RANK = "ORDER BY m.search_rank DESC, m.id DESC"


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
            f" WHERE {match.by_index('m.title_words')}{more}{self.unseen}{self.allowed} LIMIT {MAX_GATHERED}"
        )

    def walked(self, after: HitPosition | None, limit: int) -> str:
        """The first of those that match, after a position: whole titles, beginnings, all others by rank."""
        match, words = self.matcher(), "m.title_words"
        written = match.by_text(words)
        if self.lookup.is_empty:
            where = f"{written}{self.allowed}{self.beyond(ALL_WORDS, after)}"
            return f"SELECT {row(ALL_WORDS)} FROM media m WHERE {where} {BY_RANK} LIMIT {limit}"
        keys, whole = match.parameter(self.lookup.keys), match.parameter(self.lookup.text)
        parts = []
        if after is None or after.tier <= WHOLE_BUT_ARTICLE:
            parts.append(
                f"SELECT m.id, CASE WHEN {plain_words(words)} = {whole} THEN {WHOLE} ELSE {WHOLE_BUT_ARTICLE} END"
                f" AS tier, 0 AS extra, -m.search_rank AS low FROM media m WHERE m.title_key = any({keys})"
                f" AND {written}{self.allowed} LIMIT {MAX_WHOLE}"
            )
        if after is None or after.tier <= BEGINNING:
            parts.append(self.beginnings(after, limit))
        # By the words, which the index has, and not by the key, for which each row would be fetched.
        key = f"search_key({words})"
        parts.append(self.walk(f"NOT {key} = any({keys}) AND NOT {match.begins(key)}", ALL_WORDS, after, limit))
        return " UNION ALL ".join(f"({part})" for part in parts)

    def beginnings(self, after: HitPosition | None, limit: int) -> str:
        """Titles that begin with what was written: a range of keys is read and sorted; a wide one is walked by rank."""
        match, key = self.matcher(), self.lookup.keys[0]
        start, end = match.parameter(key), match.parameter(key + LAST_LETTER)
        keys, short = match.parameter(self.lookup.keys), "search_key(m.title_words)"
        within = f"m.title_key >= {start} AND m.title_key < {end}"
        is_wide = "(SELECT is_wide FROM width)"
        # OFFSET 0: the range is read, instead of all titles by rank.
        table = (
            f"(SELECT m.id, m.search_rank FROM media m WHERE {within} AND NOT m.title_key = any({keys})"
            f" AND {match.by_text('m.title_words')}{self.unseen}{self.allowed} OFFSET 0) AS m"
        )
        read = f"NOT {is_wide}{self.beyond(BEGINNING, after)} {BY_RANK} LIMIT {limit}"
        walked = self.walk(f"{match.begins(short)} AND NOT {short} = any({keys})", BEGINNING, after, limit, is_wide)
        return (
            f"WITH width AS MATERIALIZED (SELECT count(*) > {MAX_WALKED} AS is_wide"
            f" FROM (SELECT FROM media m WHERE {within} LIMIT {MAX_WALKED + 1}) AS title)"
            f" (SELECT {row(BEGINNING)} FROM {table} WHERE {read}) UNION ALL ({walked})"
        )

    def walk(self, where: str, tier: int, after: HitPosition | None, limit: int, only_if: str = "true") -> str:
        """Media by rank that match and for which a condition holds; after a position, where it is of the same tier.

        MAX_WALKED entries of the index are read. Where they do not fill the page, words that are common by themselves
        are rarely together, so that the others are few: these are gathered by the index of words."""
        start = f"FROM media m WHERE {only_if}{self.beyond(tier, after)} {BY_RANK}"
        where = f"{where}{self.unseen}{self.allowed}"
        written = f"{self.matcher().by_text('m.title_words')} AND {where}"
        # Conditions that hold for all or none are asked first, once. OFFSET 0: by the index of words, not of ranks.
        lacks = f"(SELECT count(*) FROM near) < {limit} AND (SELECT count(*) FROM unread) > 0"
        matching = (
            f"(SELECT m.id, m.search_rank FROM media m WHERE {lacks} AND {self.matcher().by_index('m.title_words')}"
            f" AND {written} OFFSET 0)"
        )
        return (
            f"WITH near AS MATERIALIZED (SELECT {row(tier)} FROM (SELECT m.* {start} LIMIT {MAX_WALKED}) AS m"
            f" WHERE {written} {BY_RANK} LIMIT {limit}),"
            f" unread AS MATERIALIZED (SELECT m.search_rank, m.id {start} OFFSET {MAX_WALKED} LIMIT 1),"
            f" far AS MATERIALIZED (SELECT m.id, m.search_rank FROM {matching} AS m"
            f" WHERE (m.search_rank, m.id) <= (SELECT search_rank, id FROM unread) LIMIT {MAX_GATHERED})"
            f" SELECT * FROM near UNION ALL (SELECT {row(tier)} FROM far AS m {BY_RANK} LIMIT {limit})"
        )

    @property
    def unseen(self) -> str:
        """That media m is not among those that other titles rank before what has the words somewhere."""
        return " AND m.id NOT IN (SELECT id FROM called)"

    def beyond(self, tier: int, after: HitPosition | None) -> str:
        """That media m comes after a position, where it is of the same tier."""
        if after is None or after.tier != tier or after.place != 0:
            return ""
        rank, id = self.composer.parameter(-after.low), self.composer.parameter(-after.minus_id)
        return f" AND (m.search_rank, m.id) < ({rank}::integer, {id}::bigint)"


def row(tier: int) -> str:
    """The columns of a hit."""
    return f"m.id, {tier} AS tier, 0 AS extra, -m.search_rank AS low"
