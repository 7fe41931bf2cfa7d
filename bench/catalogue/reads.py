"""The queries that are measured."""

from __future__ import annotations

from bench.catalogue.operation import Figure, Operation, Variables
from bench.catalogue.subject import PAGE, PAGES, Subject

CARD = "id title year rating"
NODES = r'"nodes":\[\{'
TITLE_ORDER = "orderBy: [{ field: TITLE }]"
BEST_FIRST = "orderBy: [{ field: RATING, direction: DESC }]"

BY_ID = Figure("R1", 20)
LIST = Figure("R1", 50)
LEVEL = Figure("R11", 100)
PAGE_FIGURE = Figure("T3", 100, least=100_000)
FIRST_PAGE = Figure("D3", 1_000, least=10_000)
NEXT_PAGE = Figure("D3", 500, least=10_000)
PEOPLE = Figure("D5", 100)
COUNTS = Figure("D6", 50)


def in_database(milliseconds: float) -> Figure:
    return Figure("R2", milliseconds, "database", most=100_000)


def nothing(subject: Subject) -> Variables:
    return [{}]


def page_after(page: int) -> Operation:
    def cursor(subject: Subject) -> Variables:
        return [{"after": subject.cursors[page]}] if page in subject.cursors else []

    return Operation(
        f"page{page}",
        f"Page {page:,} of them",
        f"query page{page}($after: String!) {{ media(first: {PAGE}, after: $after, {TITLE_ORDER}) "
        f"{{ nodes {{ {CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}",
        NODES,
        (PAGE_FIGURE, NEXT_PAGE),
        cursor,
    )


ONE = (
    Operation(
        "one",
        "A media by id, with tags and genres",
        f"query one($id: ID!) {{ mediaItem(id: $id) {{ {CARD} overview tags {{ name }} genres {{ name }} }} }}",
        r'"mediaItem":\{',
        (BY_ID,),
        lambda subject: [{"id": one} for one in subject.media],
    ),
    Operation(
        "external",
        "A media by the id of another service",
        f"query external($source: String!, $value: String!) {{ mediaByExternalId(source: $source, value: $value) "
        f"{{ {CARD} }} }}",
        r'"mediaByExternalId":\{',
        (BY_ID, in_database(0.5)),
        lambda subject: [{"source": source, "value": value} for source, value in subject.external_ids],
    ),
)

LISTS = (
    Operation(
        "list20",
        "A page of 20",
        f"query list20 {{ media(first: 20) {{ nodes {{ {CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}",
        NODES,
        (LIST,),
        nothing,
    ),
    Operation(
        "newest",
        "The 20 newest",
        "query newest { media(first: 20, orderBy: [{ field: ADDED_AT, direction: DESC }]) "
        f"{{ nodes {{ {CARD} }} }} }}",
        NODES,
        (LIST, in_database(1)),
        nothing,
    ),
    Operation(
        "page1",
        f"The first page of {PAGE}, by title",
        f"query page1 {{ media(first: {PAGE}, {TITLE_ORDER}) "
        f"{{ nodes {{ {CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}",
        NODES,
        (PAGE_FIGURE, FIRST_PAGE),
        nothing,
    ),
    *map(page_after, PAGES),
    Operation(
        "relations",
        f"A page of {PAGE} with tags, channels, genres and taglines",
        f"query relations {{ media(first: {PAGE}) {{ nodes {{ {CARD} tags {{ name }} channels {{ name }} "
        "genres { name } taglines { text } } } }",
        NODES,
        (PAGE_FIGURE, LEVEL),
        nothing,
    ),
)

PERSONS = (
    Operation(
        "person",
        "A person by name, with 20 credits",
        "query person($name: String!) { people(first: 1, filter: { eq: $name }) { nodes { name mediaCount "
        "credits(first: 20) { nodes { role character media { title year } } } } } }",
        NODES,
        (PEOPLE,),
        lambda subject: [{"name": name} for _, name in subject.people],
    ),
    Operation(
        "personPart",
        "People whose names contain five letters",
        "query personPart($part: String!) { people(first: 20, filter: { contains: $part }) "
        "{ nodes { name mediaCount } } }",
        NODES,
        (PEOPLE,),
        lambda subject: [{"part": name[1:6]} for _, name in subject.people if len(name.strip()) > 6],
    ),
    Operation(
        "personMedia",
        "50 media of a person, newest first",
        "query personMedia($id: ID!) { person(id: $id) { name media(first: 50, "
        f"orderBy: [{{ field: YEAR, direction: DESC }}]) {{ nodes {{ {CARD} }} }} }} }}",
        NODES,
        (PEOPLE,),
        lambda subject: [{"id": person} for person, _ in subject.people],
    ),
)

TOTALS = (
    Operation(
        "total",
        "The number of all media (kept)",
        "query total { media { totalCount } }",
        r'"totalCount":\d',
        (COUNTS, in_database(0.1)),
        nothing,
    ),
    Operation(
        "genreTotals",
        "The numbers of media of 100 tags (kept)",
        "query genreTotals { tags(first: 100) { nodes { name mediaCount } } }",
        r'"mediaCount":\d',
        (COUNTS,),
        nothing,
    ),
    Operation(
        "yearTotal",
        "The number of media of five years (counted)",
        "query yearTotal($from: Int!, $to: Int!) { media(filter: { year: { min: $from, max: $to } }) { totalCount } }",
        r'"totalCount":\d',
        (COUNTS,),
        lambda subject: [{"from": year, "to": year + 4} for year in range(1980, 2015, 5)],
    ),
    Operation(
        "filterTotal",
        "The number of media of a genre with a rating (counted)",
        "query filterTotal($genre: String!) { media(filter: "
        "{ genres: { any: [{ name: $genre }] }, rating: { min: 7 } }) { totalCount } }",
        r'"totalCount":\d',
        (COUNTS,),
        lambda subject: [{"genre": genre} for genre in subject.genres[:5]],
    ),
)

READS = (*ONE, *LISTS, *PERSONS, *TOTALS)
