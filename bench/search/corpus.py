"""Queries whose speed is measured: of every class that people ask, made from the titles of a filled database."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from bench.search.edits import LONG, spoiled

SEED = 6
SAMPLE = 400
EACH = 40  # queries of a class
PAGE = 20

NODE = "__typename ... on Media { id title year rating } ... on Person { id name } ... on Tag { id name }"
CORRECTIONS = "corrections { word read }"
SEARCH = f"""query search($query: String!, $filter: MediaFilter) {{
    search(query: $query, filter: $filter, first: {PAGE}) {{
        edges {{ score node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }} {CORRECTIONS} }} }}"""
HIGHLIGHTS = f"""query highlights($query: String!) {{
    search(query: $query, first: {PAGE}) {{
        edges {{ node {{ {NODE} }} highlights {{ field fragment marks {{ start end }} }} }} {CORRECTIONS} }} }}"""
FACETS = f"""query facets($query: String!) {{
    search(query: $query, first: {PAGE}) {{ nodes {{ {NODE} }}
        facets(of: [GENRE, DECADE, KIND]) {{ field values {{ label count }} }} }} }}"""
SUGGEST = "query suggest($query: String!) { suggest(prefix: $query, first: 10) { text type } }"

TITLES = "SELECT title, year FROM media WHERE id = any($1::bigint[]) AND title ~ '[[:alpha:]]{4}' ORDER BY id"
PEOPLE = """
SELECT DISTINCT p.name, m.title FROM media m JOIN credit c ON c.media_id = m.id JOIN person p ON p.id = c.person_id
WHERE m.id = any($1::bigint[]) ORDER BY 2, 1
"""

COMMON = ["the", "of", "a", "and", "love", "man", "night", "2", "movie", "life", "dead", "world", "my", "in"]
STOP_WORDS = ["the of", "of the", "the the", "a", "and in the", "to the of a", "the a an and of in", "i you me my"]
NAMED = ["comedy", "drama", "american", "horror", "science fiction", "rated r", "comedy horror", "american comedy"]
SIGNS = ["!!!", "?", "🎬", "🎬 love", "...", "-", '"', '""', "a", "é", "日本", "東京 love", "(", "~~~~", "'"]
GENRES = ["Comedy", "Drama", "Western", "Horror"]


@dataclass(frozen=True, slots=True)
class Sample:
    """Titles with their years, and people with a title of theirs."""

    titles: Sequence[tuple[str, int | None]]
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A query as it is sent: words and further variables."""

    query: str
    filter: Mapping[str, Any] | None = None

    def body(self, document: str) -> str:
        variables = {"query": self.query} | ({} if self.filter is None else {"filter": dict(self.filter)})
        return orjson.dumps({"query": document, "variables": variables}).decode()


@dataclass(frozen=True, slots=True)
class QueryClass:
    """Requests of one document. `make`: from a sample, by a source of chance."""

    name: str
    document: str
    make: Callable[[Sample, random.Random], Sequence[Request]]


async def read_sample(connection: asyncpg.Connection, size: int) -> Sample:
    """The same one in every run; `size`: the number of media."""
    ids = random.Random(SEED).sample(range(1, size + 1), min(SAMPLE, size))
    titles = [(row[0], row[1]) for row in await connection.fetch(TITLES, ids)]
    return Sample(titles, [(row[0], row[1]) for row in await connection.fetch(PEOPLE, ids)])


def fixed(queries: Sequence[str], filter: Mapping[str, Any] | None = None) -> Any:
    return lambda sample, rng: [Request(query, filter) for query in queries]


def of_titles(make: Callable[[str, int | None, random.Random], str | None]) -> Any:
    """A query of each title of which one can be made, EACH at most."""

    def requests(sample: Sample, rng: random.Random) -> list[Request]:
        made = [make(title.lower(), year, rng) for title, year in rng.sample(sample.titles, len(sample.titles))]
        return [Request(query) for query in dict.fromkeys(filter(None, made))][:EACH]

    return requests


def words_in(title: str) -> list[str]:
    return [word for word in title.split() if word.isalnum()]


def rare_word(title: str, year: int | None, rng: random.Random) -> str | None:
    return max([word for word in words_in(title) if len(word) >= LONG], key=len, default=None)


def two_words(title: str, year: int | None, rng: random.Random) -> str | None:
    words = words_in(title)
    return " ".join(rng.sample(words, 2)) if len(words) > 2 else None


def phrase(title: str, year: int | None, rng: random.Random) -> str | None:
    words = words_in(title)
    return f'"{" ".join(words[:2])}"' if len(words) > 2 else None


def excluded(title: str, year: int | None, rng: random.Random) -> str | None:
    words = words_in(title)
    return f"{words[-1]} -{words[0]}" if len(words) > 1 else None


def many_words(sample: Sample, rng: random.Random) -> list[Request]:
    titles = [title.lower() for title, _ in sample.titles]
    return [Request(" ".join(" ".join(rng.sample(titles, 6)).split()[:12])) for _ in range(EACH)]


def person_titles(sample: Sample, rng: random.Random) -> list[Request]:
    return [Request(f"{title} {name.split()[-1]}".lower()) for name, title in rng.sample(sample.people, EACH)]


def filtered(sample: Sample, rng: random.Random) -> list[Request]:
    """Common words and titles, in a genre and within some years."""
    words = [*COMMON, *(title.lower() for title, _ in sample.titles[: EACH - len(COMMON)])]
    return [
        Request(word, {"genres": {"any": [{"name": rng.choice(GENRES)}]}, "year": {"min": 1990, "max": 2009}})
        for word in words
    ]


def prefixes(sample: Sample, rng: random.Random) -> list[Request]:
    """Of titles, as they grow letter by letter; of people."""
    texts = [title.lower() for title, _ in sample.titles[:10]] + [name.lower() for name, _ in sample.people[:5]]
    return [Request(text[:letters]) for text in texts for letters in range(1, min(len(text), 12))]


CLASSES = (
    QueryClass("a common word", SEARCH, fixed(COMMON)),
    QueryClass("two common words", SEARCH, fixed([f"{a} {b}" for a in COMMON[:6] for b in COMMON[4:10] if a != b])),
    QueryClass("stop words alone", SEARCH, fixed(STOP_WORDS)),
    QueryClass("a rare word", SEARCH, of_titles(rare_word)),
    QueryClass("two words of a title", SEARCH, of_titles(two_words)),
    QueryClass("a whole title", SEARCH, of_titles(lambda title, year, rng: title)),
    QueryClass("one wrong letter", SEARCH, of_titles(lambda title, year, rng: spoiled(title, 1, rng))),
    QueryClass("two wrong letters", SEARCH, of_titles(lambda title, year, rng: spoiled(title, 2, rng))),
    QueryClass("half a title", SEARCH, of_titles(lambda title, year, rng: title[: max(4, len(title) * 2 // 3)])),
    QueryClass("a phrase", SEARCH, of_titles(phrase)),
    QueryClass("a word without another", SEARCH, of_titles(excluded)),
    QueryClass("a title and its year", SEARCH, of_titles(lambda title, year, rng: f"{title} {year}" if year else None)),
    QueryClass("a title and a person", SEARCH, person_titles),
    QueryClass("a person", SEARCH, lambda sample, rng: [Request(name.lower()) for name, _ in sample.people[:EACH]]),
    QueryClass("a tag or a genre", SEARCH, fixed(NAMED)),
    QueryClass("twelve words", SEARCH, many_words),
    QueryClass("nothing to be found", SEARCH, fixed([f"qxz{letter}jvw{letter}kqx" for letter in "abcdefghijklmn"])),
    QueryClass("signs and other scripts", SEARCH, fixed(SIGNS)),
    QueryClass("with a filter", SEARCH, filtered),
    QueryClass("with highlights", HIGHLIGHTS, of_titles(two_words)),
    QueryClass("with facets", FACETS, fixed([*COMMON, *NAMED])),
    QueryClass("suggest", SUGGEST, prefixes),
)


def requests_of(of: QueryClass, sample: Sample) -> Sequence[Request]:
    """The same ones in every run."""
    return of.make(sample, random.Random(f"{SEED} {of.name}"))
