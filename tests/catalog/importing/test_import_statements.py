"""The statement contract of imports: a chunk costs what docs/statements.md says, for any number of items."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.importing.plan import ImportPlan
from catalog.importing.run import run_import
from database.session import Session
from domain.viewer import UNRESTRICTED
from sources.source import SourceItem
from tests.support.api import Api
from tests.support.edit_shapes import IMPORTS, ImportShape
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, movie
from tests.support.upserting import WHEN

OPTIONS: dict[str, dict[str, Any]] = {"unchanged, with --prune": {"prunes": True}}


def items(number: int, round_: int) -> list[SourceItem]:
    """Full items. What a round changes: a year, a tag, a credit; in round 2 the place of the file."""
    return [
        movie(
            f"{number}-{place}-{round_ == 2}",
            f"{number}-{place}",
            year=1990 + (round_ == 1),
            tags=[f"{number} {round_ * (one == 0)} {one} {place % 5}" for one in range(4)],
            credits=[{"person_id": f"{number} {place % 50 + one}", "role": "ACTOR"} for one in range(10 - round_ % 2)],
            external_ids=[{"source": source, "value": f"{number}-{place}"} for source in ("imdb", "tmdb")],
            genres=[f"{number} {one}" for one in range(3)],
            files=[
                {
                    "path": f"/{number}/{place}{round_ == 2}.mkv",
                    "size": place,
                    "modified_at": WHEN,
                    "hash": f"{number}-{place}",
                }
            ],
        )
        for place in range(number)
    ]


async def chunk_of(api: Api, given: list[SourceItem], **options: Any) -> list[str]:
    """What an import in one chunk sends for it, without BEGIN."""
    api.statements.clear()
    api.texts.clear()
    session = Session(api.pool)
    try:
        plan = ImportPlan(1, "list", "memory", chunk=len(given), **options)
        await run_import(session, UNRESTRICTED, ListSource(given), plan, Told())
    finally:
        await session.close()
    after_begin = api.texts[api.texts.index("COMMIT") + 1 :]
    return [text for text in after_begin[: after_begin.index("COMMIT")] if not text.startswith("BEGIN")]


@pytest.mark.parametrize("shape", IMPORTS, ids=lambda shape: shape.name)
async def test_a_chunk_costs_its_published_statements_for_any_number_of_items(
    shape: ImportShape, api: Api, connection: Any
) -> None:
    await add_library(connection)
    for number in (1, 10, 500):
        if shape.before is not None:
            await chunk_of(api, items(number, shape.before))
        given = items(number, shape.round)
        texts = await chunk_of(api, given, **OPTIONS.get(shape.name, {}))
        assert len(texts) == shape.statements, (number, texts)


async def test_a_chunk_with_items_of_media_that_the_source_has_is_done_once(api: Api, connection: Any) -> None:
    await add_library(connection)
    given = [movie(f"first {place}", f"Film {place}", external_ids=[ids(place)]) for place in range(3)]
    given += [movie(f"again {place}", f"Film {place}", external_ids=[ids(place)]) for place in range(2)]
    given += [movie("new", "New", external_ids=[ids(7)]), movie("new again", "New", external_ids=[ids(7)])]
    api.texts.clear()
    session = Session(api.pool)
    try:
        plan = ImportPlan(1, "list", "memory", chunk=4)
        counts = await run_import(session, UNRESTRICTED, ListSource(given), plan, Told())
    finally:
        await session.close()
    assert (counts.created, counts.reasons) == (4, {"DUPLICATE": 3})
    assert "ROLLBACK" not in api.texts
    assert sum(text.startswith("COPY media (") for text in api.texts) == 2
    rows = await connection.fetch("SELECT key FROM import_item WHERE is_duplicate ORDER BY key")
    assert [row[0] for row in rows] == ["again 0", "again 1", "new again"]


def ids(place: int) -> dict[str, Any]:
    return {"source": "imdb", "value": f"tt{place}"}
