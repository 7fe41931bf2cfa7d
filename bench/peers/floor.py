"""A floor: what a person would write by hand for each query. One statement a kind of row, orjson, no GraphQL."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import orjson

from bench.peers.asgi import Application
from bench.peers.statements import CARD, WIDE, read_statements

SQL = read_statements("sql", CARD)
SQL_WIDE = read_statements("sql", WIDE)

Row = Any
Data = dict[str, Any]
Grouped = dict[int, list[Data]]


def names_by_parent(rows: Sequence[Row]) -> Grouped:
    found: Grouped = defaultdict(list)
    for parent, _, name in rows:
        found[parent].append({"name": name})
    return found


async def relations(connection: Any, ids: list[int]) -> tuple[Grouped, Grouped]:
    """Tags and genres by media."""
    tags = names_by_parent(await connection.fetch(SQL["tags_by_media"], ids))
    genres = names_by_parent(await connection.fetch(SQL["genres_by_media"], ids))
    return tags, genres


def card(row: Row, tags: Grouped, genres: Grouped) -> Data:
    key, title, year, _ = row
    return {"id": str(key), "title": title, "year": year, "tags": tags[key], "genres": genres[key]}


def cursor(key: int) -> str:
    return b64encode(b"%d" % key).decode()


async def one(connection: Any, variables: Data) -> Data:
    row = await connection.fetchrow(SQL["media_by_id"], int(variables["id"]))
    return {"mediaItem": card(row, *await relations(connection, [row[0]]))}


async def page(connection: Any, size: int) -> Data:
    rows = await connection.fetch(SQL["media_page"], 0, size + 1)
    shown = rows[:size]
    tags, genres = await relations(connection, [row[0] for row in shown])
    edges = [
        {
            "cursor": cursor(key),
            "node": {
                "id": str(key),
                "title": title,
                "year": year,
                "rating": rating,
                "tags": tags[key],
                "genres": genres[key],
            },
        }
        for key, title, year, rating in shown
    ]
    return {"media": {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > size, "endCursor": edges[-1]["cursor"]}}}


async def page20(connection: Any, variables: Data) -> Data:
    return await page(connection, 20)


async def page100(connection: Any, variables: Data) -> Data:
    return await page(connection, 100)


async def nested(connection: Any, variables: Data) -> Data:
    genres = await connection.fetch(SQL["genre_page"], 0, 20)
    rows = await connection.fetch(SQL["media_by_genres"], [key for key, _ in genres], 10)
    tags = names_by_parent(await connection.fetch(SQL["tags_by_media"], list({row[1] for row in rows})))
    media: Grouped = defaultdict(list)
    for parent, key, title, _, _ in rows:
        media[parent].append({"id": str(key), "title": title, "tags": tags[key]})
    return {"genres": {"nodes": [{"name": name, "media": {"nodes": media[key]}} for key, name in genres]}}


async def entities(connection: Any, variables: Data) -> Data:
    ids = [int(wanted["id"]) for wanted in variables["representations"]]
    rows = {row[0]: row for row in await connection.fetch(SQL["media_by_ids"], ids)}
    tags, genres = await relations(connection, ids)
    return {"_entities": [card(rows[key], tags, genres) for key in ids]}


async def deep(connection: Any, variables: Data) -> Data:
    media = await connection.fetch(SQL["media_page"], 0, 5)
    rows = await connection.fetch(SQL["credits_by_media"], [row[0] for row in media], 5)
    people_ids = list({row["person_id"] for row in rows})
    names = dict(await connection.fetch(SQL["people_by_ids"], people_ids))
    others: Grouped = defaultdict(list)
    for parent, key, title, _, _ in await connection.fetch(SQL["media_by_people"], people_ids, 5):
        others[parent].append({"id": str(key), "title": title})
    credits_: Grouped = defaultdict(list)
    for parent, _, role, character, _, who in rows:
        person = {"name": names[who], "media": {"nodes": others[who]}}
        credits_[parent].append({"role": role, "character": character, "person": person})
    return {"media": {"nodes": [{"title": row[1], "credits": {"nodes": credits_[row[0]]}} for row in media]}}


async def wide(connection: Any, variables: Data) -> Data:
    rows = await connection.fetch(SQL_WIDE["media_page"], 0, 100)
    return {"media": {"nodes": with_text_ids(map(dict, rows))}}


async def filtered(connection: Any, variables: Data) -> Data:
    chosen = (variables["genre"], variables["from"], variables["to"], 50)
    rows = await connection.fetch(SQL["media_filtered"], *chosen, 51)
    nodes = with_text_ids(map(dict, rows[:50]))
    return {"media": {"nodes": nodes, "pageInfo": {"hasNextPage": len(rows) > 50}}}


def with_text_ids(rows: Iterable[Data]) -> list[Data]:
    return [{**row, "id": str(row["id"])} for row in rows]


OPERATIONS: dict[str, Callable[[Any, Data], Awaitable[Data]]] = {
    operation.__name__: operation for operation in (one, page20, page100, nested, entities, deep, wide, filtered)
}


async def answer(connection: Any, operation: str, variables: Data) -> bytes:
    return orjson.dumps({"data": await OPERATIONS[operation](connection, variables)})


app = Application(answer)
