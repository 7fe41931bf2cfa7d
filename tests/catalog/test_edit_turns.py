"""Long edits let other requests have their turn: the event loop runs between the items that they check."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from catalog.edit import EditOutcome, LoopYield
from catalog.media_values import check_values
from catalog.membership_changes import (
    Bound,
    ChangeMode,
    MembershipItem,
    differences,
    history_details,
    memberships_after,
)
from tests.support.api import Api
from tests.support.factories import add_library, add_media

UPDATE = "mutation ($items: [MediaChanges!]!) { updateMedia(items: $items) { succeeded } }"
CREATE = "mutation ($items: [NewMedia!]!) { createMedia(items: $items) { succeeded } }"


@pytest.mark.parametrize("text", [UPDATE, CREATE])
async def test_others_run_while_the_items_of_an_edit_are_checked(
    api: Api, connection: Any, monkeypatch: Any, text: str
) -> None:
    library = await add_library(connection)
    items: list[dict[str, Any]] = [{"library": "library_1", "title": f"New {number}"} for number in range(20)]
    if text is UPDATE:
        items = [{"id": f"media_{await add_media(connection, library)}", **item} for item in items]
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 0.0)
    turns, checked_at = 0, list[int]()

    def noted(values: Any) -> Any:
        checked_at.append(turns)
        return check_values(values)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr("catalog.media_edit.check_values", noted)
    other = asyncio.create_task(count())
    assert (await api.run(text, items=items)).popitem()[1] == {"succeeded": 20}
    other.cancel()
    assert len(set(checked_at)) == 20


async def test_others_run_while_it_is_found_out_what_media_gain_and_lose(monkeypatch: Any) -> None:
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 0.0)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    media = tuple(range(20))
    item: MembershipItem[str] = MembershipItem(0, media, ())
    locked: Any = dict.fromkeys(media)
    carried = {one: {"b", "a"} for one in media}
    wanted = await memberships_after(
        ChangeMode.SET, [(item, {"d", "c"})], locked, carried, Bound(9, "things"), EditOutcome()
    )
    assert turns >= 20
    new, gone = await differences(carried, wanted)
    assert turns >= 40
    assert await history_details(new, gone, str) == {key: {"added": ["c", "d"], "removed": ["a", "b"]} for key in media}
    assert turns >= 60
    other.cancel()


async def test_short_work_is_not_interrupted(monkeypatch: Any) -> None:
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 60.0)
    turns = LoopYield()
    ran = asyncio.create_task(asyncio.sleep(0))
    await turns.maybe_yield()
    assert not ran.done()
    await ran
