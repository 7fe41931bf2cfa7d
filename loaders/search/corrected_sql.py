"""Media and names found by words that are nearly those that were written, in SQL: ranked below all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.enums import SearchType
from loaders.search.lookup import Lookup, Reading
from loaders.search.match_sql import CORRECTED, CORRECTED_WORDS, Matcher, lexemes_sql, plain_words
from loaders.search.name_sql import MAX_NAMES, names_table
from loaders.search.position import PLACES
from loaders.search.title_sql import MAX_GATHERED, Titles
from loaders.sql.statement import Composer, kept_media_count

# A wrong letter counts more than any number of further words.
WRONG_LETTER = 100


class Corrected:
    """A lookup with words that are nearly the same, `near` by the word: as it was written, or as it may be meant."""

    def __init__(self, lookup: Lookup, near: Mapping[str, Sequence[tuple[int, str]]], composer: Composer) -> None:
        needed, costs = [], []
        for place, readings in enumerate(lookup.needed):
            word = readings[0].words[0] if len(readings[0].words) == 1 else ""
            found = near.get(word, ())
            needed.append((*readings, *(Reading((read,)) for _, read in found)))
            costs += [(place, f" {read} ", wrong) for wrong, read in found]
            costs += [(place, one.text, 0) for one in readings if len(one.words) == 1]
        self.lookup = replace(lookup, needed=tuple(needed))
        self.match = Matcher(self.lookup, composer)
        places, texts, wrong = (list(values) for values in zip(*costs, strict=True))
        # Hidden from the planner, as tsqueries are (match_sql.py).
        self._costs = (
            f"unnest((SELECT {composer.parameter(places)}::integer[]), (SELECT {composer.parameter(texts)}::text[]),"
            f" (SELECT {composer.parameter(wrong)}::integer[])) AS cost(place, word, wrong)"
        )

    def wrong(self, words: str) -> str:
        """How many letters are wrong, if a text was meant."""
        return (
            f"(SELECT coalesce(sum(least), 0)::integer FROM (SELECT min(wrong) AS least FROM {self._costs}"
            f" WHERE strpos(' ' || {words} || ' ', cost.word) > 0 GROUP BY place) AS term)"
        )

    def tier(self, plain: str) -> str:
        """Whether a title has these words alone, or others too. Leading articles count for nothing."""
        number = f"length({plain}) - length(replace({plain}, ' ', '')) + 1"
        article = f"({plain} ~ '^(the|a|an) .')::integer"
        return f"CASE WHEN {number} - {article} <= {self.lookup.word_count} THEN {CORRECTED} ELSE {CORRECTED_WORDS} END"

    def extra(self, plain: str, words: str) -> str:
        return f"{WRONG_LETTER} * {self.wrong(words)} + least({self.match.extra(plain)}, {WRONG_LETTER - 1})"


def corrected_titles(titles: Titles, corrected: Corrected) -> str:
    """Media whose titles have the words, if not as they were written: id, tier, extra, low."""
    condition = corrected.match.by_lexemes("m.title_words")
    return (
        f"SELECT m.id, {corrected.tier('w.plain')} AS tier, {corrected.extra('w.plain', 'm.title_words')} AS extra,"
        f" -m.search_rank AS low FROM media m CROSS JOIN LATERAL (SELECT {plain_words('m.title_words')} AS plain) w"
        f" WHERE {condition} AND NOT {titles.matched}{titles.allowed_beside} LIMIT {MAX_GATHERED}"
    )


def corrected_names(match: Matcher, corrected: Corrected, types: Iterable[SearchType]) -> str:
    """Names that have the words, if not as they were written: tier, place, extra, low, id."""
    parts = []
    for one in types:
        if one == SearchType.MEDIA:
            continue
        noun = one.value.lower()
        table, id, folded = names_table(noun)
        words = f"search_words(n.{folded})"
        plain = plain_words("n.words")
        parts.append(
            f"(SELECT found.tier, {PLACES.index(one)} AS place, found.extra,"
            f" (-{kept_media_count(noun, 'found')})::integer AS low, found.id FROM ("
            f"SELECT n.id, min({corrected.tier(plain)}) AS tier,"
            f" min({corrected.extra(plain, 'n.words')}) AS extra FROM ("
            f"SELECT n.{id} AS id, {words} AS words FROM {table} n WHERE {corrected.match.by_lexemes(words)}"
            f" AND NOT ({lexemes_sql(words)} @@ {match.tsquery}) ORDER BY n.{id} LIMIT {MAX_NAMES}"
            ") AS n GROUP BY n.id) AS found)"
        )
    return " UNION ALL ".join(parts)
