"""The filters that are measured."""

from __future__ import annotations

from bench.catalogue.operation import Figure, Operation, Variables
from bench.catalogue.reads import BEST_FIRST, CARD, LEVEL, NODES, PAGE_FIGURE, TITLE_ORDER, in_database, nothing
from bench.catalogue.subject import PAGE, Subject

SEARCH = Figure("D4", 500, least=10_000)
FAST_SEARCH = Figure("M3", 50)


def genre_years(subject: Subject) -> Variables:
    return [
        {"genre": genre, "from": year, "to": year + 4} for genre in subject.genres[:5] for year in range(1980, 2020, 10)
    ]


def tree_values(subject: Subject) -> Variables:
    tags, genres = subject.tags, subject.genres
    return [
        {"one": tags[place], "other": tags[-1 - place], "genre": genres[place % 5], "but": genres[5 + place % 5]}
        for place in range(10)
    ]


def two_words(subject: Subject) -> Variables:
    found = [[word for word in title.split() if word.isalnum()] for title in subject.titles]
    return [{"words": " ".join(words[:2])} for words in found if len(words) > 1][:200]


def long_words(title: str) -> list[str]:
    return [word for word in title.split() if word.isalpha() and len(word) > 4]


def one_word(subject: Subject) -> Variables:
    return [{"words": words[0]} for words in map(long_words, subject.titles) if words][:200]


def pieces(subject: Subject) -> Variables:
    return [
        {"words": words[0], "from": tempo - 15, "to": tempo + 15, "maker": maker}
        for title, tempo, maker in subject.pieces
        if (words := long_words(title))
    ][:200]


def parts(subject: Subject) -> Variables:
    return [{"part": title[1:9].strip()} for title in subject.titles if len(title) > 9][:200]


def filtered(name: str, title: str, head: str, filter: str, order: str, *figures: Figure, size: int = 50) -> Operation:
    """A page of media by a filter; `head`: its variables, named as in `VALUES`."""
    arguments = ", ".join(part for part in (f"first: {size}", f"filter: {{ {filter} }}", order) if part)
    document = f"query {name}{head} {{ media({arguments}) {{ nodes {{ {CARD} }} pageInfo {{ hasNextPage }} }} }}"
    return Operation(name, title, document, NODES, (*figures, LEVEL), VALUES.get(name, nothing))


VALUES = {
    "tree": tree_values,
    "genreYears": genre_years,
    "relevance": two_words,
    "words": two_words,
    "broad": one_word,
    "contains": parts,
    "metadata": lambda subject: [{"group": f"group {number * 10}"} for number in range(40)],
    "midi": pieces,
    "tempo": lambda subject: [{"from": tempo, "to": tempo + 1} for tempo in range(60, 180, 5)],
}

FILTERS = (
    filtered(
        "tree",
        "A filter tree over tags, genres, years and ratings",
        "($one: String!, $other: String!, $genre: String!, $but: String!)",
        "or: [{ tags: { any: [{ name: $one }, { name: $other }] }, year: { min: 1980, max: 1999 } }, "
        "{ and: [{ genres: { any: [{ name: $genre }] } }, { rating: { min: 7 } }] }], "
        "not: { genres: { any: [{ name: $but }] } }",
        TITLE_ORDER,
    ),
    filtered(
        "genreYears",
        "A genre and five years, best first",
        "($genre: String!, $from: Int!, $to: Int!)",
        "genres: { any: [{ name: $genre }] }, year: { min: $from, max: $to }",
        BEST_FIRST,
    ),
    Operation(
        "nested",
        "20 genres with 5 media each, filtered, best first",
        "query nested($from: Int!, $to: Int!) { genres(first: 20) { nodes { name media(first: 5, "
        "filter: { year: { min: $from, max: $to }, rating: { min: 6 } }, "
        f"{BEST_FIRST}) {{ nodes {{ {CARD} }} }} }} }} }}",
        NODES,
        (LEVEL,),
        lambda subject: [{"from": year, "to": year + 9} for year in range(1980, 2010, 5)],
    ),
    filtered(
        "relevance",
        "Two words of a title, by relevance",
        "($words: String!)",
        "search: $words",
        "orderBy: [{ field: RELEVANCE, direction: DESC }]",
        in_database(3),
        SEARCH,
        FAST_SEARCH,
        size=20,
    ),
    filtered(
        "words", "Two words of a title, by id", "($words: String!)", "search: $words", "", in_database(3), size=20
    ),
    filtered(
        "broad",
        "One word of a title, by relevance",
        "($words: String!)",
        "search: $words",
        "orderBy: [{ field: RELEVANCE, direction: DESC }]",
        in_database(3),
        SEARCH,
        FAST_SEARCH,
        size=20,
    ),
    filtered("contains", "Titles that contain eight letters", "($part: String!)", "title: $part", "", SEARCH, size=20),
    filtered(
        "metadata",
        "A value in the metadata",
        "($group: JSON!)",
        'metadata: [{ path: ["release", "group"], eq: $group }]',
        "",
        in_database(2),
        size=20,
    ),
    filtered(
        "midi",
        "A word, a range of tempo and a manufacturer",
        "($words: String!, $from: Float!, $to: Float!, $maker: String!)",
        "search: $words, music: { tempo: { min: $from, max: $to } }, "
        "files: { any: [{ manufacturer: { eq: $maker } }] }",
        "",
        FAST_SEARCH,
        size=20,
    ),
    filtered(
        "tempo",
        "A tempo, a key and a collection, by title",
        "($from: Float!, $to: Float!)",
        'music: { tempo: { min: $from, max: $to }, keySignatures: ["A minor", "C major"] }, '
        'files: { any: [{ collection: { in: ["Box 1", "Box 2", "Box 3", "Box 4", "Box 5"] } }] }',
        TITLE_ORDER,
        FAST_SEARCH,
        size=20,
    ),
    filtered("noArtwork", "Media without artwork", "", "artwork: { missing: true }", "", PAGE_FIGURE, size=PAGE),
    Operation(
        "due",
        "Media that a process has never dealt with",
        f'query due {{ mediaNeedingProcess(process: "tagger", first: {PAGE}) {{ nodes {{ {CARD} }} }} }}',
        NODES,
        (PAGE_FIGURE, LEVEL),
        nothing,
    ),
    Operation(
        "overdue",
        "Media that a process has not dealt with since",
        'query overdue { mediaNeedingProcess(process: "tagger", olderThan: "2024-02-01T00:00:00Z", '
        f"first: {PAGE}) {{ nodes {{ {CARD} }} }} }}",
        NODES,
        (PAGE_FIGURE, LEVEL),
        nothing,
    ),
)
