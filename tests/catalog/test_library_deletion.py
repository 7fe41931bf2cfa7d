"""Large libraries deleted step by step: broken off and gone on with, with nothing coming in meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.library_deletion import Step, delete_library
from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark

DELETE = """mutation ($count: Int!) { edit: deleteLibrary(id: "library_1", mediaCount: $count) { deletedMedia } }"""
CREATE = """mutation { createMedia(items: { library: "library_1", title: "new" }) { errors { code message } }
    updateMedia(items: { id: "media_8", library: "library_1" }) { errors { code } } }"""


@pytest.fixture(autouse=True)
async def series(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of seven media, a series with seasons and episodes among them, of which a step deletes two."""
    monkeypatch.setattr("catalog.library_deletion.MEDIA_OF_A_STEP", 2)
    for name in ("One", "Two"):
        await add_library(connection, name, None)
    top = await add_media(connection, 1, kind="SERIES")
    for number in (1, 2):
        season = await add_media(connection, 1, kind="SEASON", parent_id=top, season_number=number)
        await add_media(connection, 1, kind="EPISODE", parent_id=season, season_number=number, episode_number=1)
    await mark(connection, "tag", await add_media(connection, 1), await add_name(connection, "tag", "t"))
    await add_media(connection, 1)
    await add_media(connection, 2)


async def left(connection: Any) -> tuple[int, int]:
    """How many libraries and media there are."""
    row = await connection.fetchrow("SELECT (SELECT count(*) FROM library), (SELECT count(*) FROM media)")
    return row[0], row[1]


async def test_a_large_library_goes_with_all_its_media(api: Api, connection: Any) -> None:
    await api.run('mutation { markProcessed(media: "media_1", process: "p") { succeeded } }')

    assert (await api.run(DELETE, count=7))["edit"] == {"deletedMedia": 7}

    assert await left(connection) == (1, 1)
    assert api.statements.count("transaction") == 8  # four times, each begun and committed
    gone = await connection.fetch("SELECT media_id FROM media_change WHERE type = 'DELETED' ORDER BY 1")
    assert [row[0] for row in gone] == list(range(1, 8))
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 0
    await assert_no_drift(connection)


async def test_a_deletion_that_runs_out_of_time_is_gone_on_with(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.edit.library_edit.SHARE_OF_TIME", 0)

    [error] = (await api.answer(DELETE, count=7)).body["errors"]

    assert error["extensions"]["code"] == "CONFLICT"
    assert "send this again with mediaCount: 5" in error["message"]
    assert await left(connection) == (2, 6)
    await assert_no_drift(connection)
    # Nothing comes in any longer, by whichever way.
    data = await api.run(CREATE)
    assert data["createMedia"]["errors"] == [{"code": "NOT_FOUND", "message": "There is no such library."}]
    assert data["updateMedia"]["errors"] == [{"code": "NOT_FOUND"}]
    assert await api.codes(DELETE, count=7) == ["CONFLICT"]
    for number in (5, 3):
        assert await api.codes(DELETE, count=number) == ["CONFLICT"]
    assert (await api.run(DELETE, count=1))["edit"] == {"deletedMedia": 1}
    assert await left(connection) == (1, 1)


async def test_each_step_is_told_of_within_its_transaction(writer: ConnectArgs, connection: Any) -> None:
    told: list[Step] = []

    async def note(writer: Writer, step: Step) -> None:
        await writer.fetch("INSERT INTO library (name, folded_name) VALUES ($1::text, $1::text)", f"step {len(told)}")
        told.append(step)
        if len(told) == 2:
            raise CatalogError(Code.CONFLICT, "enough")

    async with open_session(writer) as session:
        with pytest.raises(CatalogError):
            assert [step async for step in delete_library(session, UNRESTRICTED, 1, 7, note)]
        assert await left(connection) == (3, 6)
        steps = [step async for step in delete_library(session, UNRESTRICTED, 1, 5, note)]

    assert steps == told[2:]
    assert told == [Step(2, 5, False), Step(2, 3, False), Step(2, 3, False), Step(2, 1, False), Step(1, 0, True)]
    await assert_no_drift(connection)
