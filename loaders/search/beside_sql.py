"""Media found by more than their own titles, in SQL: other titles, names of what belongs to them, overviews, files.

Looked for only where what matches better does not fill a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from loaders.search.lookup import Lookup, Reading
from loaders.search.match_sql import (
    NAME_AND_TITLE,
    NAME_AND_WORDS,
    REST,
    WHOLE_OTHER_TITLE,
    WORDS_OF_OTHER_TITLE,
    lexemes_sql,
    plain_words,
)
from loaders.search.name_sql import names_table, nouns
from loaders.search.title_sql import MAX_WHOLE, Titles

# Of each way to find media so many are looked at, and so many of the names by which they are found,
# and of the media of each name.
MAX_BESIDE = 2_000
MAX_NAMESAKES, MAX_MEDIA = 20, 500
# Longer searches are no title with a name; nobody's name has more words.
MAX_TERMS, MAX_NAME_TERMS = 10, 4

FILE_WORDS = r"search_text_words(lower(regexp_replace(normalize(f.name, NFKD), '[\u0300-\u036f]', '', 'g')))"
OVERVIEW_WORDS = "search_text_words(m.folded_overview)"


ALIAS_WORDS, ORIGINAL_WORDS = "search_words(a.folded_title)", "search_words(m.folded_original_title)"


def whole_other_titles(titles: Titles) -> str:
    """Media of which another title is what was written, if their own is not: id, tier, extra, low."""
    match = titles.matcher()
    keys = match.parameter(titles.lookup.keys)
    allowed = f"NOT m.title_key = any({keys}){titles.allowed_beside}"
    # OFFSET 0: what differs in words alone is told apart after the look-up by key, which finds less.
    return (
        f"SELECT t.id, {WHOLE_OTHER_TITLE} AS tier, 0 AS extra, min(t.low) AS low FROM ("
        f"(SELECT m.id, -m.search_rank AS low, {ALIAS_WORDS} AS words FROM media_alias a"
        f" CROSS JOIN LATERAL (SELECT * FROM media m WHERE m.id = a.media_id AND {allowed} OFFSET 0) AS m"
        f" WHERE search_key({ALIAS_WORDS}) = any({keys}) LIMIT {MAX_WHOLE}) UNION ALL "
        f"(SELECT m.id, -m.search_rank, {ORIGINAL_WORDS} FROM media m WHERE m.folded_original_title IS NOT NULL"
        f" AND search_key({ORIGINAL_WORDS}) = any({keys}) AND {allowed} LIMIT {MAX_WHOLE})"
        f") AS t WHERE {match.by_index('t.words')} GROUP BY t.id"
    )


def other_titles(titles: Titles) -> str:
    """Media that have all words in one other title: id, tier, extra, low. Those whose own title has them are not."""
    match = titles.matcher()
    allowed = f"NOT {titles.matched}{titles.allowed_beside}"
    return (
        f"SELECT t.id, {WORDS_OF_OTHER_TITLE} AS tier,"
        f" min({match.extra(plain_words('t.words'))}) AS extra, min(t.low) AS low FROM ("
        f"(SELECT m.id, -m.search_rank AS low, {ALIAS_WORDS} AS words FROM media_alias a"
        f" CROSS JOIN LATERAL (SELECT * FROM media m WHERE m.id = a.media_id AND {allowed} OFFSET 0) AS m"
        f" WHERE {match.by_index(ALIAS_WORDS)} LIMIT {MAX_BESIDE}) UNION ALL "
        f"(SELECT m.id, -m.search_rank, {ORIGINAL_WORDS} FROM media m WHERE m.folded_original_title IS NOT NULL"
        f" AND {match.by_index(ORIGINAL_WORDS)} AND {allowed} LIMIT {MAX_BESIDE})) AS t GROUP BY t.id"
    )


class Split(NamedTuple):
    """A search as a name and the rest of it, which is of the title."""

    name: Lookup
    rest: Lookup


def splits(lookup: Lookup) -> Iterator[Split]:
    """Terms that follow each other as the name, the others as words of the title."""
    terms = lookup.needed
    if len(terms) > MAX_TERMS:
        return
    for start in range(len(terms)):
        for end in range(start + 1, min(len(terms), start + MAX_NAME_TERMS) + 1):
            name, rest = part(lookup, terms[start:end]), part(lookup, terms[:start] + terms[end:])
            yield Split(name, rest)
            if lookup.is_prefix and end == len(terms):
                # As it stands too, or names that go on may leave it no room.
                yield Split(replace(name, needed=tuple(map(whole_words, name.needed))), rest)


def whole_words(term: tuple[Reading, ...]) -> tuple[Reading, ...]:
    return tuple(replace(one, is_prefix=False) for one in term)


def part(lookup: Lookup, terms: tuple[tuple[Reading, ...], ...]) -> Lookup:
    """A lookup of some of the terms, each as it was written."""
    words = [word for term in terms for word in term[0].words]
    return replace(lookup, needed=terms, excluded=(), text=" ".join(words), is_prefix=False)


def by_names(titles: Titles) -> str:
    """Media that have some words in a name that belongs to them, all others in the title: id, tier, extra, low.

    As lists of pairs, so that the statement is the same whatever the number of words."""
    found = list(splits(titles.lookup))
    parameter = titles.composer.parameter
    lists = [
        f"(SELECT {parameter([one.name.tsquery for one in found])}::text[])",
        f"(SELECT {parameter([one.rest.tsquery or None for one in found])}::text[])",
        f"(SELECT {parameter([one.rest.keys[0] for one in found])}::text[])",
        f"(SELECT {parameter([titles.is_common(one.rest) for one in found])}::boolean[])",
    ]
    pairs = f"unnest({', '.join(lists)}) AS pair(name, rest, key, is_common)"
    parts = [
        from_names(titles, pairs, noun, "" if noun == "person" else " WHERE pair.rest IS NULL") for noun in nouns()
    ]
    parts += [from_titles(titles, pairs, noun) for noun in nouns() if noun != "person"]
    extra = "length(u.title_words) - length(replace(u.title_words, ' ', ''))"
    return (
        f"SELECT u.id, min(CASE WHEN u.rest IS NOT NULL AND u.title_key = u.key THEN {NAME_AND_TITLE}"
        f" ELSE {NAME_AND_WORDS} END) AS tier, min(CASE WHEN u.rest IS NULL THEN 0 ELSE {extra} END) AS extra,"
        f" min(u.low) AS low FROM ({' UNION ALL '.join(f'({part})' for part in parts)}) AS u GROUP BY u.id"
    )


def from_names(titles: Titles, pairs: str, noun: str, where: str) -> str:
    """From names to their media. OFFSET 0: one look-up for each, whatever the planner thinks of their number."""
    return (
        f"SELECT m.id, pair.rest, pair.key, m.title_key, m.title_words, -m.search_rank AS low FROM {pairs}"
        f" CROSS JOIN LATERAL ({namesakes(noun)}) AS n"
        f" CROSS JOIN LATERAL (SELECT j.media_id FROM media_{noun} j WHERE j.{noun}_id = n.id LIMIT {MAX_MEDIA}) AS j"
        f" CROSS JOIN LATERAL (SELECT * FROM media m WHERE m.id = j.media_id"
        f" AND (pair.rest IS NULL OR {lexemes_sql('m.title_words')} @@ pair.rest::tsquery)"
        f" AND NOT {titles.matched}{titles.allowed_beside} OFFSET 0) AS m{where} LIMIT {MAX_BESIDE}"
    )


def from_titles(titles: Titles, pairs: str, noun: str) -> str:
    """From titles to names that very many media have, unless the words of the titles are common as well."""
    return (
        f"SELECT m.id, pair.rest, pair.key, m.title_key, m.title_words, -m.search_rank AS low FROM {pairs}"
        f" CROSS JOIN LATERAL (SELECT ARRAY({namesakes(noun)}) AS ids) AS n"
        f" CROSS JOIN LATERAL (SELECT * FROM media m WHERE {lexemes_sql('m.title_words')} @@ pair.rest::tsquery"
        f" AND EXISTS (SELECT FROM media_{noun} j WHERE j.media_id = m.id AND j.{noun}_id = any(n.ids))"
        f" AND NOT {titles.matched}{titles.allowed_beside} LIMIT {MAX_BESIDE}) AS m"
        f" WHERE pair.rest IS NOT NULL AND NOT pair.is_common AND n.ids <> '{{}}'"
    )


def namesakes(noun: str) -> str:
    """Ids of a noun's rows whose names have the words of a pair."""
    table, id, folded = names_table(noun)
    return (
        f"SELECT n.{id} AS id FROM {table} n WHERE {lexemes_sql(f'search_words(n.{folded})')} @@ pair.name::tsquery"
        f" LIMIT {MAX_NAMESAKES}"
    )


def rest(titles: Titles) -> str:
    """Media that have all words in their overview, or in the name of a file: id, tier, extra, low."""
    match, allowed = titles.matcher(), f" AND NOT {titles.matched}{titles.allowed_beside}"
    return (
        f"SELECT r.id, {REST} AS tier, 0 AS extra, min(r.low) AS low FROM ("
        f"(SELECT m.id, -m.search_rank AS low FROM media m WHERE m.folded_overview IS NOT NULL"
        f" AND {match.by_index(OVERVIEW_WORDS)}{allowed} LIMIT {MAX_BESIDE}) UNION ALL "
        f"(SELECT m.id, -m.search_rank FROM media_file f"
        f" CROSS JOIN LATERAL (SELECT * FROM media m WHERE m.id = f.media_id{allowed} OFFSET 0) AS m"
        f" WHERE {match.by_index(FILE_WORDS)} LIMIT {MAX_BESIDE})) AS r GROUP BY r.id"
    )
