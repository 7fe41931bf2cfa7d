"""An operation with the token of its preview, while others give and take its tag: it does exactly that, or says what
differs."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.membership import NamedTarget, change_memberships
from catalog.membership_changes import ChangeMode, MembershipItem
from catalog.taxonomy.noun import TAG
from catalog.taxonomy.operation import MakePlan, perform, preview
from catalog.taxonomy.planning import plan_merge, plan_split
from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.enums import TaxonomyOrigin
from domain.errors import CatalogError
from domain.memberships import BY_NOUN
from domain.viewer import UNRESTRICTED
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.meeting import meet

MAKES: dict[str, MakePlan] = {
    "merge": lambda writer: plan_merge(writer, TAG, 1, [2]),
    "split": lambda writer: plan_split(writer, TAG, 2, "new", [1, 2, 3]),
}
CLEAR = """TRUNCATE media, media_change, tag, tag_media_count, taxonomy_operation, taxonomy_row, taxonomy_link, library,
    library_media_count RESTART IDENTITY CASCADE"""


async def fill(connection: Any) -> None:
    """The second tag is that of the first two of three media."""
    await connection.execute(CLEAR)
    await add_library(connection)
    media = [await add_media(connection, 1) for _ in range(3)]
    for name in "ab":
        await add_name(connection, "tag", name)
    for one in media[:2]:
        await mark(connection, "tag", one, 2)


async def swap(writer: Writer) -> None:
    """One media loses the tag and another one gets it: they are as many as before."""
    for mode, media in ((ChangeMode.REMOVE, 1), (ChangeMode.ADD, 3)):
        item = MembershipItem(0, (media,), (NamedTarget(id=2),))
        await change_memberships(writer, BY_NOUN["tag"], mode, [item], create=False)


@pytest.mark.parametrize("name", MAKES)
async def test_as_many_other_media_are_no_media_that_the_preview_has_shown(
    name: str, writer: ConnectArgs, connection: Any
) -> None:
    at, seen = 1, set[str]()
    while True:
        await fill(connection)
        async with open_session(writer) as session:
            token = (await transact(session, UNRESTRICTED, "edit", lambda writer: preview(writer, MAKES[name]))).token
        told: list[str] = []

        async def work(writer: Writer, token: str | None = token, told: list[str] = told) -> None:
            try:
                await perform(writer, MAKES[name], TaxonomyOrigin.API, token)
            except CatalogError as error:
                told.append(str(error))

        if not await meet(writer, connection, work, swap, at):
            break
        moved = [row[0] for row in await connection.fetch("SELECT media_id FROM taxonomy_link ORDER BY 1")]
        if told:
            assert told == ["What the preview showed has changed: look at a new one. What differs: tag_2."]
            assert moved == []
        else:
            assert moved == [1, 2]
        seen.add("stale" if told else "done")
        await assert_no_drift(connection)
        at += 1
    assert seen == {"stale", "done"}
