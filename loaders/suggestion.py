"""Suggestions: titles and names that have what somebody is typing, one statement for all types.

A title or name fits if words of it begin with, or are, those that were typed: in order from its beginning, which is
best, or anywhere. The statement gives the best of each type; how these stand among each other is decided here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.enums import SearchType
from domain.search_query import MAX_QUERY_WORDS, checked_query, too_long
from domain.search_words import search_words, title_key, without_article
from loaders.core.batch_loader import LoaderGroup, LoaderRef
from loaders.core.read_session import ReadSession
from loaders.sql.lexeme import quoted_lexeme
from loaders.sql.named_condition import NameTable, names_of, own_names
from loaders.sql.statement import Composer, kept_media_count

# Titles are looked for among so many of those that rank highest, and then in the index of words or of beginnings,
# where at most so many are gathered and put in order.
MAX_TOP = 2_000
MAX_RARE_TITLES = 5_000
MAX_LISTED_NAMES, MAX_MOST = 200, 500  # the same, for names and for those of which there are most media
HIGHEST_LETTER = "\U0010ffff"
# Where the key alone does not tell: where the last word has ended, or the first one is an article, which keys lack.
ALL_TYPED = " AND ' ' || m.title_words || ' ' LIKE all(<words>)"
# Where the last word has ended.
WHOLE_NAME = " AND starts_with(<name> || ' ', <begin>)"

# How many places lower one of a type stands than the one before it: of three suggestions about two are titles.
STEPS = {SearchType.MEDIA: 1, SearchType.PERSON: 2}
OTHER_STEP = 3

# The titles that rank highest are looked through first: of what is common these are enough. Where they are not, words
# are rare, and all titles that have them are gathered. <key>, <end>: what title keys
# lie between; <words>: LIKE patterns of the words; <query>: the words as tsquery; <size>: how many are asked for.
MEDIA_SUGGESTIONS = f"""WITH top AS MATERIALIZED (
    SELECT id, search_rank, title_words FROM (
        SELECT m.id, m.search_rank, m.library_id, m.title_words FROM media m
        ORDER BY m.search_rank DESC, m.id DESC LIMIT {MAX_TOP}
    ) AS m WHERE ' ' || m.title_words || ' ' LIKE all(<words>){{visible:m.library_id}}
), top_begins AS MATERIALIZED (
    SELECT id, search_rank FROM top WHERE starts_with(search_key(title_words), <key>)
    ORDER BY search_rank DESC, id DESC LIMIT <size>
), begins AS MATERIALIZED (
    SELECT id, search_rank FROM top_begins UNION (SELECT id, search_rank FROM (
        SELECT m.id, m.search_rank FROM media m WHERE (SELECT count(*) FROM top_begins) < <size>
        AND m.title_key >= <key> AND m.title_key < <end><all_words>{{visible:m.library_id}}
        ORDER BY m.title_key, m.search_rank, m.id LIMIT {MAX_RARE_TITLES}
    ) AS gathered ORDER BY search_rank DESC, id DESC LIMIT <size>)
), top_words AS MATERIALIZED (
    SELECT id, search_rank FROM top WHERE (SELECT count(*) FROM begins) < <size> AND id NOT IN (SELECT id FROM begins)
    ORDER BY search_rank DESC, id DESC LIMIT <size>
), words AS (
    SELECT id, search_rank FROM top_words UNION (SELECT id, search_rank FROM (
        SELECT m.id, m.search_rank FROM media m
        WHERE (SELECT count(*) FROM begins) + (SELECT count(*) FROM top_words) < <size>
        AND array_to_tsvector(string_to_array(m.title_words, ' ')) @@ <query>{{visible:m.library_id}}
        LIMIT {MAX_RARE_TITLES}
    ) AS gathered WHERE id NOT IN (SELECT id FROM begins) ORDER BY search_rank DESC, id DESC LIMIT <size>)
)
SELECT 'MEDIA' AS type, found.id, m.title AS text, found.tier, found.search_rank::bigint AS rank FROM (
    SELECT id, search_rank, 0 AS tier FROM begins UNION ALL SELECT id, search_rank, 1 FROM words
    ORDER BY tier, search_rank DESC, id DESC LIMIT <size>
) AS found JOIN media m ON m.id = found.id"""

# Names and aliases, ranked by how many media there are of each. Where more of them begin with what was typed than are
# looked at, those of which there are most media are looked at as well. <table>, <name> and <id>: where names stand.
NAME_SUGGESTIONS = f"""WITH begins AS MATERIALIZED (
    SELECT <id> AS id FROM <table> WHERE <name> >= <typed> AND <name> < <typed_end><whole_name>
    ORDER BY <name> LIMIT {MAX_LISTED_NAMES}
), most AS (
    SELECT c.<noun>_id AS id FROM (
        SELECT c.<noun>_id, c.library_id FROM <noun>_media_count c
        WHERE (SELECT count(*) FROM begins) = {MAX_LISTED_NAMES} AND c.is_folded AND c.media_count > 1
        ORDER BY c.media_count DESC, c.<noun>_id LIMIT {MAX_MOST}
    ) AS c WHERE true{{visible:c.library_id}}
), found AS (
    SELECT id, 0 AS tier FROM begins UNION ALL
    SELECT <id>, 0 FROM <table>
    WHERE <id> IN (SELECT id FROM most) AND <name> >= <typed> AND <name> < <typed_end><whole_name> UNION ALL
    SELECT id, CASE WHEN starts_with(search_words(name) || ' ', <begin>) THEN 0 ELSE 1 END FROM (
        SELECT <id> AS id, <name> AS name FROM <table> WHERE (SELECT count(*) FROM begins) < <size>
        AND array_to_tsvector(string_to_array(search_words(<name>), ' ')) @@ <query> LIMIT {MAX_LISTED_NAMES}
    ) AS gathered
), named AS MATERIALIZED (SELECT id, min(tier) AS tier FROM found GROUP BY id)
SELECT '<type>', t.id, t.name, named.tier, t.rank FROM named CROSS JOIN LATERAL (
    SELECT t.id, t.name, <count> AS rank FROM <noun> t WHERE t.id = named.id
) AS t<seen> ORDER BY named.tier, t.rank DESC, t.id LIMIT <size>"""

NAME_TABLES: dict[SearchType, NameTable] = {
    SearchType.PERSON: own_names("person", unique=False),
    SearchType.TAG: names_of("tag"),
    SearchType.GENRE: names_of("genre"),
    SearchType.CHANNEL: names_of("channel"),
    SearchType.COLLECTION: own_names("collection", unique=False),
}


class Suggestion(NamedTuple):
    """A title or a name. tier: 0 where it begins with what was typed, else 1; rank: among those of its type."""

    type: SearchType
    id: int
    text: str
    tier: int
    rank: int


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has typed so far, as words; `is_whole`: the last one has ended. Without words nothing fits."""

    words: tuple[str, ...]
    is_whole: bool

    @property
    def phrase(self) -> str:
        """What names begin with."""
        return " ".join(self.words)

    @property
    def patterns(self) -> list[str]:
        """What stored words are like, with a blank before and after them."""
        *others, last = map(escaped, self.words)
        return [*(f"% {word} %" for word in others), f"% {last} %" if self.is_whole else f"% {last}%"]

    @property
    def tsquery(self) -> str:
        return " & ".join(map(quoted_lexeme, self.words)) + ("" if self.is_whole else ":*")


def escaped(word: str) -> str:
    """A word within a LIKE pattern."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def typed(text: str) -> Typed:
    """What was typed; BAD_ARGUMENT for a text that is too long or cannot be stored."""
    words = search_words(checked_query(text))
    if len(words) > MAX_QUERY_WORDS:
        raise too_long(f"{MAX_QUERY_WORDS} words, not {len(words)}")
    return Typed(words, text[-1:].isspace())


@dataclass(frozen=True, slots=True)
class SuggestionArguments:
    """What is asked for: what was typed, of which types, and how many."""

    typed: Typed
    types: tuple[SearchType, ...]
    size: int


class Suggestions(LoaderRef[int, list[Suggestion]]):
    """The loader of suggestions, the best first. It hangs on nothing: its one key is that of the root."""

    async def batch(
        self, reader: ReadSession, keys: list[int], arguments: SuggestionArguments
    ) -> list[list[Suggestion]]:
        found: list[Suggestion] = []
        if arguments.typed.words and arguments.types and arguments.size:
            rows = await reader.fetch(*self.compose(reader, arguments))
            found = merged([Suggestion(SearchType(type_), *values) for type_, *values in rows])[: arguments.size]
        return [found for _ in keys]

    def compose(self, reader: ReadSession, arguments: SuggestionArguments) -> tuple[Statement[Row], list[object]]:
        """The statement of the best of each type, and its values."""
        composer = Composer(reader, Row)
        parts = (
            part_of(type_, arguments.typed, restricted=reader.viewer.libraries is not None) for type_ in arguments.types
        )
        text = f"SELECT * FROM ({' UNION ALL '.join(f'({part})' for part in parts)}) AS suggested"
        text = text.replace("<size>", str(int(arguments.size)))  # in the text, as of pages
        for marker, (type_, value) in values_of(arguments.typed).items():
            if marker in text:
                text = text.replace(marker, f"{composer.parameter(value)}::{type_}")
        text = with_label(self.name, composer.finish(text))
        return Statement(self.name, text, Row, PlanMode.GENERIC), composer.values


def values_of(typed: Typed) -> dict[str, tuple[str, object]]:
    """The values of the statement's parts by their markers, with their types."""
    key = title_key(typed.words)
    return {
        "<words>": ("text[]", typed.patterns),
        "<query>": ("tsquery", typed.tsquery),
        "<key>": ("text", key),
        "<end>": ("text", key + HIGHEST_LETTER),
        "<typed>": ("text", typed.phrase),
        "<typed_end>": ("text", typed.phrase + HIGHEST_LETTER),
        "<begin>": ("text", typed.phrase + " " * typed.is_whole),
    }


def part_of(type_: SearchType, typed: Typed, *, restricted: bool) -> str:
    """The SELECT of one type. `restricted`: what has no visible media is left out."""
    if type_ == SearchType.MEDIA:
        by_key = not typed.is_whole and without_article(typed.words) == list(typed.words)
        return MEDIA_SUGGESTIONS.replace("<all_words>", "" if by_key else ALL_TYPED)
    noun, names = type_.lower(), NAME_TABLES[type_]
    text = NAME_SUGGESTIONS.replace("<seen>", " WHERE t.rank > 0" if restricted else "")
    text = text.replace("<whole_name>", WHOLE_NAME if typed.is_whole else "")
    text = text.replace("<count>", kept_media_count(noun, "t")).replace("<type>", type_).replace("<noun>", noun)
    return text.replace("<table>", names.table).replace("<name>", names.folded).replace("<id>", names.id)


def merged(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Those of all types, each in its order: what begins as it was typed before what does not, types by their steps."""
    places: list[tuple[int, int, int, Suggestion]] = []
    order = list(SearchType)
    for type_, suggestions in groupby(sorted(found, key=lambda one: order.index(one.type)), lambda one: one.type):
        ranked = sorted(suggestions, key=lambda one: (one.tier, -one.rank, one.id))
        step = STEPS.get(type_, OTHER_STEP)
        for tier, several in groupby(ranked, lambda one: one.tier):
            places += [(tier, place * step, order.index(type_), one) for place, one in enumerate(several, 1)]
    return [one for *_, one in sorted(places, key=lambda place: place[:3])]


class SuggestionLoaders(LoaderGroup):
    """Loaders of suggestions."""

    suggestions = Suggestions()
