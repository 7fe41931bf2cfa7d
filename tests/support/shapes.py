"""The statement contract: query shapes and what they cost. docs/statements.md is made from this table:

python -m tests.support.shapes > docs/statements.md"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from tests.support.edit_shapes import edits_document
from tests.support.event_shapes import events_document
from tests.support.job_shapes import jobs_document
from tests.support.metadata_shapes import metadata_document
from tests.support.noun_edit_shapes import NOUN_EDITS
from tests.support.tagger_shapes import tagging_document


@dataclass(frozen=True)
class Shape:
    """A query over $n rows a level; `statements`: what it costs; `reference`: what it costs on graphql-core's
    executor, or at most costs where that is `timed`; `sites`: its declared sites, the most that it may ever cost.
    Variables beyond $n: $id of a media, $ids of n media, $mixed of all types, $things as representations."""

    name: str
    query: str
    statements: int
    reference: int
    sites: int
    note: str = ""
    timed: bool = False
    known: bool = False  # where every row of a level is known already, that level costs nothing

    def allows(self, statements: int, engine: str) -> bool:
        """Whether an operation may have cost so many statements."""
        if engine == "compiled":
            return statements <= self.statements if self.known else statements == self.statements
        return statements <= self.sites if self.timed else statements == self.reference


SHAPES = [
    Shape("One media", "query($id: ID!) { mediaItem(id: $id) { title overview year } }", 1, 1, 1),
    Shape(
        "One media with tags and genres",
        "query($id: ID!) { mediaItem(id: $id) { title tags { name } genres { name } } }",
        1,
        3,
        3,
        "the lists of one object come along with it",
    ),
    Shape("A page", "query($n: Int!) { media(first: $n) { nodes { id title year rating } } }", 1, 1, 1),
    Shape("A page with its total", "query($n: Int!) { media(first: $n) { totalCount nodes { id } } }", 2, 2, 2),
    Shape(
        "A total alone",
        "query($n: Int!) { media(first: $n, filter: { year: { min: 1960 } }) { totalCount } tags { totalCount } }",
        2,
        4,
        4,
        "no page is read where nothing of it is asked for",
    ),
    Shape(
        "A page with facets and a count",
        """query($n: Int!) { media(first: $n, filter: { year: { min: 1960 } }) { nodes { title } count { value error }
        facets(of: [GENRE, TAG, CHANNEL, YEAR, DECADE, KIND, CATEGORY, LANGUAGE, RATING], first: 5) {
        field values { label count isChosen } } } }""",
        3,
        3,
        3,
        "all facets are one statement, and bring the names of what they count by",
    ),
    Shape(
        "Facets with what hangs on their values",
        """query($n: Int!) { media { facets(of: [GENRE, TAG, YEAR], first: $n) { values { count value {
        ... on Genre { slug } ... on Tag { slug parents { name } } ... on FacetYear { year } } } } } }""",
        4,
        5,
        5,
        "the facets, and one statement a type and a relation",
    ),
    Shape(
        "Facets and counts of each of many lists",
        """query($n: Int!) { tags(first: $n) { nodes { media(filter: { rating: { min: 5 } }) {
        facets(of: [GENRE, YEAR]) { values { label count } } exact: count { value }
        estimated: count(mode: ESTIMATED) { value error } some: count(mode: AT_MOST, limit: 10) { value } } } } }""",
        5,
        6,
        6,
        "one statement for all parents, each way of counting one more",
    ),
    Shape(
        "A page with three relations",
        "query($n: Int!) { media(first: $n) { nodes { title tags { name } genres { name } library { name } } } }",
        4,
        4,
        4,
        "the page and one statement a relation",
    ),
    Shape(
        "A page with all relations",
        """query($n: Int!) { media(first: $n) { edges { cursor node { title library { name } tags { name }
        genres { name } externalIds { source value } artwork { url }
        credits(first: 5) { nodes { role person { name } } } } } } }""",
        8,
        8,
        8,
        "credits are a page a media, still one statement; their people another",
    ),
    Shape(
        "A filtered and ordered page",
        """query($n: Int!) { media(first: $n, filter: { tags: { any: [{ name: "tag 1" }] }, year: { min: 1900 } },
        orderBy: [{ field: RATING, direction: DESC }]) { nodes { title rating } pageInfo { hasNextPage } } }""",
        1,
        1,
        1,
        "names are looked up within the statement",
    ),
    Shape(
        "A page by what hangs on its media, and what they hang on",
        """query($n: Int!) { media(first: $n, filter: { children: { none: [{ processes: { missing: true } }] },
        not: { parentMatching: { title: "x" } } }) { nodes { title } } }""",
        1,
        1,
        1,
        "however deep",
    ),
    Shape(
        "A page of each of many parents",
        "query($n: Int!) { tags(first: $n) { nodes { name media(first: 3) { nodes { title } } } } }",
        2,
        2,
        2,
        "one statement pages every parent",
    ),
    Shape(
        "Nested pages with totals and relations",
        """query($n: Int!) { tags(first: $n) { nodes { name mediaCount media(first: 3, orderBy: [{ field: YEAR }]) {
        totalCount pageInfo { hasNextPage } nodes { title genres { name } } } } } }""",
        4,
        4,
        4,
        "mediaCount is a kept number and comes with its tag",
    ),
    Shape(
        "Five levels deep",
        """query($n: Int!) { genres(first: 2) { nodes { media(first: $n) { nodes { credits(first: 2) { nodes {
        person { name media(first: 2) { nodes { title tags { name } } } } } } } } } } }""",
        6,
        6,
        6,
    ),
    Shape(
        "People, their credits, the media of these",
        "query($n: Int!) { people(first: $n) { nodes { name credits { nodes { role media { title } } } } } }",
        3,
        3,
        3,
    ),
    Shape("Many ids of one type", "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Media { title } } }", 1, 1, 1),
    Shape(
        "Ids of every type",
        """query($mixed: [ID!]!) { nodes(ids: $mixed) { id ... on Media { title } ... on Tag { name }
        ... on Genre { name } ... on Person { name } ... on Library { name } } }""",
        5,
        5,
        5,
        "one statement a type, however many ids",
    ),
    Shape(
        "Entities of every type, with relations",
        """query($things: [_Any!]!) { _entities(representations: $things) { __typename
        ... on Media { title tags { name } } ... on Tag { name } ... on Genre { name } ... on Person { name }
        ... on Library { name } } }""",
        6,
        6,
        6,
    ),
    Shape(
        "The same relation under two aliases",
        "query($n: Int!) { media(first: $n) { nodes { a: tags { name } b: tags { id } } } }",
        2,
        2,
        3,
        "equal look-ups are one",
    ),
    Shape(
        "Two different pages under two aliases",
        """query($n: Int!) { tags(first: $n) { nodes { old: media(first: 1, orderBy: [{ field: YEAR }]) { nodes { id } }
        new: media(first: 1, orderBy: [{ field: YEAR, direction: DESC }]) { nodes { id } } } } }""",
        3,
        3,
        3,
    ),
    Shape(
        "The same relation in two fragments",
        """query($n: Int!) { media(first: $n) { nodes { ...A ...B } } }
        fragment A on Media { tags { name } } fragment B on Media { tags { slug } title }""",
        2,
        2,
        2,
    ),
    Shape(
        "Parents that do not exist",
        """query($n: Int!) { media(first: $n, filter: { year: { min: 9999 } }) { nodes { tags { name }
        credits(first: 5) { nodes { person { name } } } } } }""",
        1,
        1,
        4,
        "a level without keys sends nothing",
    ),
    Shape(
        "A relation that comes back to where it began",
        """query($n: Int!) { media(first: $n) { nodes { credits(first: 2) { nodes { person {
        credits(first: 2) { nodes { media { id credits(first: 2) { nodes { person { id
        credits(first: 1) { nodes { id } } } } } } } } } } } } } }""",
        8,
        8,
        8,
        "at most: rows that are known are not asked for again",
        timed=True,
        known=True,
    ),
    Shape(
        "A search for everything",
        """query($n: Int!) { search(query: "m1", first: $n) { corrections { word read } pageInfo { hasNextPage }
        edges { score node { __typename ... on Media { title } } } } }""",
        3,
        3,
        3,
        "what is known of the words, finding, and one statement for each type of what was found: here media; "
        "`totalCount` takes two more",
    ),
    Shape(
        "A search with facets and a count",
        """query($n: Int!) { search(query: "m1", first: $n) { nodes { ... on Media { title } } count { value }
        facets(of: [GENRE, TAG, YEAR, KIND], first: 5) { field values { label count isChosen } } } }""",
        5,
        5,
        5,
        "all facets of all media that are found are one statement, the count is another",
    ),
    Shape(
        "A search with highlights, and pages of what was found",
        """query($n: Int!) { search(query: "tag", types: [TAG], first: $n) { nodes { ... on Tag { name } }
        edges { node { ... on Tag { media(first: 2) { nodes { title } } } } highlights { field fragment } } } }""",
        5,
        5,
        5,
        "highlights are one statement more, whatever the types",
    ),
    Shape(
        "Suggestions with what they are of",
        'query($n: Int!) { suggest(prefix: "tag", first: $n) { text node { ... on Tag { mediaCount } } } }',
        2,
        2,
        2,
        "one statement for all types, and one for each type of what is suggested",
    ),
    Shape(
        "Runs of jobs with their libraries and logs",
        """query($n: Int!) { jobRuns(first: $n) { totalCount nodes { status percent counts { name count }
        library { name } log(last: 2) { nodes { line } } } } }""",
        4,
        4,
        4,
    ),
    Shape(
        "One relation at two depths",
        """query($n: Int!) { media(first: $n) { nodes { tags { name } } }
        genres(first: 2) { nodes { media(first: 3) { nodes { tags { name } } } } } }""",
        4,
        5,
        5,
        "tags wait until nothing can ask for more of them",
        timed=True,
    ),
]


def document() -> str:
    """docs/statements.md."""
    lines = [
        "# What a query costs",
        "",
        "The number of SQL statements of each query shape. It is the same for 1, 10 and 1,000 rows a level, with",
        "random delays and with another operation at the same time: the tests hold it against PostgreSQL's own count",
        "(`pg_stat_statements`) of all that runs in the database. *Reference* is the number on graphql-core's own",
        "executor (`MARQUEE_ENGINE=reference`), where timing counts if it says *at most*. *Sites* is the number of",
        "places in the query that are answered by the database: it never costs more.",
        "",
        "When a connection is lost, the statement under way is sent once more over another.",
        "",
        "This file is made from the table that the tests use: `python -m tests.support.shapes > docs/statements.md`.",
        "",
        "| shape | statements | reference | sites | |",
        "|---|---|---|---|---|",
        *(row(one) for one in SHAPES),
        "",
    ]
    for one in SHAPES:
        query = "\n".join(" ".join(line.split()) for line in dedent(one.query).splitlines())
        lines += [f"### {one.name}", "", "```graphql", query, "```", ""]
    return "\n".join(
        [
            *lines,
            *edits_document(*NOUN_EDITS),
            *jobs_document(),
            *metadata_document(),
            *tagging_document(),
            *events_document(),
        ]
    )


def row(shape: Shape) -> str:
    """The row of a shape in the table."""
    reference = f"at most {shape.sites}" if shape.timed else shape.reference
    return (
        f"| [{shape.name}](#{anchor(shape.name)}) | {shape.statements} | {reference} | {shape.sites} | {shape.note} |"
    )


def anchor(name: str) -> str:
    """The address of a heading."""
    return name.lower().replace(" ", "-").replace(",", "")


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201
