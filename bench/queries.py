"""What is asked: one document in Marquee's schema a query, and PostGraphile's of the same shape."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from bench.database import MEDIA

# Whose schema a document is in. The hand-written peers take Marquee's documents, with bare numbers for ids.
Dialect = Literal["marquee", "plain", "postgraphile"]

SEED = 4
CARD = "id title year tags { name } genres { name }"
EDGES = (
    "edges { cursor node { id title year rating tags { name } genres { name } } } pageInfo { hasNextPage endCursor }"
)
TAGS = "tags: tagsByMediaTagMediaIdAndTagIdList(orderBy: [FOLDED_NAME_ASC]) { name }"
GENRES = "genres: genresByMediaGenreMediaIdAndGenreIdList(orderBy: [FOLDED_NAME_ASC]) { name }"
PG_EDGES = (
    f"edges {{ cursor node {{ id: rowId title year rating: ratingTenths {TAGS} {GENRES} }} }} "
    "pageInfo { hasNextPage endCursor }"
)


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """`name` is the operation's too. `postgraphile` is None where PostGraphile has no such thing."""

    name: str
    title: str
    document: str
    postgraphile: str | None
    variables: tuple[dict[str, Any], ...] = ({},)

    def bodies(self, dialect: Dialect) -> list[str]:
        """The bodies of its requests, one for each set of variables."""
        document = self.postgraphile if dialect == "postgraphile" else self.document
        chosen = [global_ids(one) if dialect == "marquee" else one for one in self.variables]
        return [
            orjson.dumps({"query": document, "operationName": self.name, "variables": variables}).decode()
            for variables in chosen
        ]


def global_ids(value: Any) -> Any:
    """The value with the ids of media in it as Marquee writes them."""
    if isinstance(value, dict):
        return {name: f"media_{part}" if name == "id" else global_ids(part) for name, part in value.items()}
    if isinstance(value, list):
        return [global_ids(part) for part in value]
    return value


def some_ids(count: int, choice: random.Random) -> list[str]:
    return [str(number) for number in choice.sample(range(1, MEDIA + 1), count)]


def representations(choice: random.Random) -> list[dict[str, str]]:
    return [{"__typename": "Media", "id": number} for number in some_ids(100, choice)]


CHOICE = random.Random(SEED)
QUERIES = (
    Query(
        "one",
        "One media with its tags and genres",
        f"query one($id: ID!) {{ mediaItem(id: $id) {{ {CARD} }} }}",
        f"query one($id: BigInt!) {{ mediaItem: media(rowId: $id) {{ id: rowId title year {TAGS} {GENRES} }} }}",
        tuple({"id": number} for number in some_ids(1000, CHOICE)),
    ),
    Query(
        "page20",
        "A page of 20",
        f"query page20 {{ media(first: 20) {{ {EDGES} }} }}",
        f"query page20 {{ media: medias(first: 20) {{ {PG_EDGES} }} }}",
    ),
    Query(
        "page100",
        "A page of 100",
        f"query page100 {{ media(first: 100) {{ {EDGES} }} }}",
        f"query page100 {{ media: medias(first: 100) {{ {PG_EDGES} }} }}",
    ),
    Query(
        "nested",
        "20 genres with 10 media each",
        "query nested { genres(first: 20) { nodes { name media(first: 10) { nodes { id title tags { name } } } } } }",
        "query nested { genres(first: 20) { nodes { name media: mediaByMediaGenreGenreIdAndMediaId("
        f"first: 10, orderBy: [PRIMARY_KEY_ASC]) {{ nodes {{ id: rowId title {TAGS} }} }} }} }} }}",
    ),
    Query(
        "entities",
        "100 representations of a federated gateway",
        "query entities($representations: [_Any!]!) { _entities(representations: $representations) "
        f"{{ ... on Media {{ {CARD} }} }} }}",
        None,
        tuple({"representations": representations(CHOICE)} for _ in range(50)),
    ),
    Query(
        "deep",
        "Deep: 5 media, 5 credits each, their people, 5 media each",
        "query deep { media(first: 5) { nodes { title credits(first: 5) { nodes { role character "
        "person { name media(first: 5) { nodes { id title } } } } } } } }",
        "query deep { media: medias(first: 5) { nodes { title credits(first: 5, orderBy: [POSITION_ASC, ROW_ID_ASC]) "
        "{ nodes { role character person { name media: mediaByMediaPersonPersonIdAndMediaId(first: 5, "
        "orderBy: [PRIMARY_KEY_ASC]) { nodes { id: rowId title } } } } } } } }",
    ),
    Query(
        "wide",
        "Wide: every scalar of 100 media",
        "query wide { media(first: 100) { nodes { id kind title originalTitle sortTitle year overview rating "
        "runtimeMinutes addedAt updatedAt } } }",
        "query wide { media: medias(first: 100) { nodes { id: rowId kind title originalTitle sortTitle year overview "
        "rating: ratingTenths runtimeMinutes addedAt updatedAt } } }",
    ),
    Query(
        "filtered",
        "50 media of a genre and of five years, best first",
        "query filtered($genre: String!, $from: Int!, $to: Int!) { media(first: 50, filter: "
        "{ genres: { any: [{ name: $genre }] }, year: { min: $from, max: $to }, rating: { min: 5 } }, "
        "orderBy: [{ field: RATING, direction: DESC }]) { nodes { id title year rating } pageInfo { hasNextPage } } }",
        "query filtered($genre: String!, $from: Int!, $to: Int!) { media: medias(first: 50, filter: "
        "{ mediaGenres: { some: { genre: { foldedName: { equalTo: $genre } } } }, "
        "year: { greaterThanOrEqualTo: $from, lessThanOrEqualTo: $to }, ratingTenths: { greaterThanOrEqualTo: 50 } }, "
        "orderBy: [RATING_TENTHS_DESC, ROW_ID_DESC]) "
        "{ nodes { id: rowId title year rating: ratingTenths } pageInfo { hasNextPage } } }",
        tuple(
            {"genre": genre, "from": year, "to": year + 4}
            for genre in ("drama", "comedy", "action", "thriller", "horror")
            for year in range(1980, 2020, 5)
        ),
    ),
)
