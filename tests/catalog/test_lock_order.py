"""Two edits at once, each stopped before each of its statements while the other goes as far as it can: neither waits
for what the other one holds while that one waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from catalog import credit_edit, library_deletion
from catalog.collection_items import move_items, remove_items
from catalog.edit import EditOutcome
from catalog.media_deletion import delete_media
from catalog.media_edit import MediaInput, update_media
from catalog.membership import NamedTarget, change_memberships
from catalog.membership_changes import ChangeMode, MembershipItem
from catalog.noun_edit.declared import COLLECTION, EDITED_PERSON, EDITED_TAG
from catalog.noun_edit.deletion import delete_nouns
from catalog.noun_edit.edit import NounInput, update_nouns
from catalog.taxonomy.noun import PERSON, TAG
from catalog.taxonomy.operation import perform
from catalog.taxonomy.planning import plan_aliases, plan_merge, plan_rename, plan_split
from catalog.taxonomy.undo import undo
from catalog.transaction import Writer
from catalog.upsert.item import Item
from catalog.upsert.upsert import upsert_media
from database.connect_args import ConnectArgs
from domain.enums import TaxonomyOrigin
from domain.memberships import BY_NOUN
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_name, add_person, mark
from tests.support.meeting import Work, edit, meet

MEDIA = 4
# In the order in which their rows can be put back.
TABLES = (
    *("library", "library_media_count", "media", "media_change", "history_event"),
    *("external_id", "tag", "tag_name", "tag_parent", "tag_redirect", "tag_media_count", "media_tag"),
    *("person", "person_redirect", "person_media_count", "credit", "media_person"),
    *("collection", "collection_media_count", "media_collection"),
    *("taxonomy_operation", "taxonomy_row", "taxonomy_link", "taxonomy_reference"),
)
KEEP = "; ".join(f"CREATE UNLOGGED TABLE kept_{table} AS TABLE {table}" for table in TABLES)
PUT_BACK = "; ".join(
    [
        *(f"DELETE FROM {table}" for table in reversed(TABLES)),
        *(f"SELECT put_back('{table}')" for table in TABLES),
    ]
)
# Columns that are generated cannot be written.
PUT_TABLE_BACK = """
CREATE FUNCTION put_back(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    written text := (
        SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = name AND is_generated = 'NEVER'
    );
BEGIN
    EXECUTE format('INSERT INTO %1$I (%2$s) SELECT %2$s FROM %3$I', name, written, 'kept_' || name);
END $$
"""


async def fill(connection: Any) -> None:
    """Media with two tags, two people and two collections each, and a merge that can be undone."""
    for name in ("One", "Two"):
        await add_library(connection, name)
    media = [await add_media(connection, 1, f"M{number}") for number in range(MEDIA)]
    for name in ("a", "b", "c", "d"):
        await add_name(connection, "tag", name)
        await add_person(connection, name)
    for one in media:
        await mark(connection, "tag", one, 1, 2, 3)
        await connection.execute(
            "INSERT INTO external_id (media_id, source, value) VALUES ($1, 'x', $2)", one, str(one)
        )
        for person in (1, 2):
            await add_credit(connection, one, person)
    for name in ("A", "B"):
        await add_collection(connection, name, *reversed(media))
    await connection.execute("INSERT INTO tag_parent VALUES (3, 2)")


@pytest.fixture
async def kept(writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch) -> ConnectArgs:
    """A database that is filled, with what it takes to fill it again; no edit is tried again."""
    await fill(connection)
    merge = operation(lambda writer: plan_merge(writer, TAG, 4, [3]))
    await edit(writer, merge, None)
    await connection.execute(f"{KEEP}; {PUT_TABLE_BACK}")
    monkeypatch.setattr("database.transaction.CONFLICTS", ())
    return writer


def operation(make: Any) -> Work:
    return lambda writer: perform(writer, make, TaxonomyOrigin.API)


def retag(mode: ChangeMode, *tags: int) -> Work:
    items = [MembershipItem(0, tuple(range(MEDIA, 0, -1)), tuple(NamedTarget(id=tag) for tag in tags))]
    return lambda writer: change_memberships(writer, BY_NOUN["tag"], mode, items, create=False)


def named(noun: Any, name: str, *ids: int, **others: Any) -> Work:
    items = [NounInput(place, id, {"name": f"{name}{id}"}, **others) for place, id in enumerate(ids)]
    return lambda writer: update_nouns(writer, noun, items)


async def move_media(writer: Writer) -> EditOutcome:
    return await update_media(
        writer, [MediaInput(place, place + 1, {"library_id": 2, "year": 1999}) for place in range(MEDIA)]
    )


async def credit(writer: Writer) -> EditOutcome:
    items = [
        NounInput(place, None, {"media_id": MEDIA - place, "person_id": 1 + place % 2, "role": "WRITER"})
        for place in range(MEDIA)
    ]
    return await credit_edit.create_credits(writer, items, create=False)


async def upsert(writer: Writer) -> None:
    """Of media that are there, in another order, and a new one; names are known, or not, or were merged."""
    lists: dict[str, Sequence[Any]] = {
        "tags": ["d", 2, "new"],
        "credits": [{"person_id": person, "role": "WRITER"} for person in (3, 2, "new")],
        "collections": [{"collection_id": collection} for collection in (2, 1)],
    }
    items = [
        Item(
            place,
            values={"library_id": 1 + place % 2, "title": f"U{place}", "year": 1999},
            lists={**lists, "external_ids": [{"source": "x", "value": str(MEDIA + 1 - place)}]},
        )
        for place in range(MEDIA + 1)
    ]
    await upsert_media(writer, items)


PLACES = {MEDIA - place: place for place in range(2)}
EDITS: dict[str, Work] = {
    "mergeTags": operation(lambda writer: plan_merge(writer, TAG, 1, [2])),
    "splitTag": operation(lambda writer: plan_split(writer, TAG, 2, "new", [1, 3])),
    "renameTag": operation(lambda writer: plan_rename(writer, TAG, 2, "x", keep=True)),
    "setTagAliases": operation(lambda writer: plan_aliases(writer, TAG, 1, ["e", "f"])),
    "mergePeople": operation(lambda writer: plan_merge(writer, PERSON, 1, [2])),
    "updateTags": named(EDITED_TAG, "y", 3, 2, 1),
    "updateTags(parents)": named(EDITED_TAG, "z", 3, parents=(NamedTarget(id=4), NamedTarget(id=2))),
    "deletePeople": lambda writer: delete_nouns(writer, EDITED_PERSON, {2: 0, 1: 1}, even_if_used=True),
    "deleteCollections": lambda writer: delete_nouns(writer, COLLECTION, {2: 0, 1: 1}, even_if_used=True),
    "addTags": retag(ChangeMode.ADD, 4, 2),
    "createCredits": credit,
    "upsertMedia": upsert,
    "updateMedia": move_media,
    "deleteMedia": lambda writer: delete_media(writer, {4: 0, 2: 1}, with_children=True),
    "moveInCollection": lambda writer: move_items(writer, 1, PLACES, 3),
    "removeFromCollection": lambda writer: remove_items(writer, 1, PLACES),
    "undo": partial(undo, operation=1, force=True, origin=TaxonomyOrigin.API),
    "deleteLibrary": lambda writer: library_deletion.delete_step(writer, 1, None),
}
PAIRS = [
    ("renameTag", "addTags"),
    ("mergePeople", "deletePeople"),
    ("mergePeople", "createCredits"),
    ("mergeTags", "addTags"),
    ("mergeTags", "updateTags(parents)"),
    ("mergeTags", "updateMedia"),
    ("mergeTags", "deleteLibrary"),
    ("splitTag", "addTags"),
    ("setTagAliases", "updateTags"),
    ("updateTags", "addTags"),
    ("updateTags", "updateMedia"),
    ("updateMedia", "moveInCollection"),
    ("updateMedia", "removeFromCollection"),
    ("deleteMedia", "moveInCollection"),
    ("deleteCollections", "moveInCollection"),
    ("deleteLibrary", "deleteCollections"),
    ("upsertMedia", "mergeTags"),
    ("upsertMedia", "mergePeople"),
    ("upsertMedia", "updateMedia"),
    ("upsertMedia", "deleteMedia"),
    ("upsertMedia", "moveInCollection"),
    ("upsertMedia", "deleteLibrary"),
    ("upsertMedia", "upsertMedia"),
    ("undo", "addTags"),
    ("undo", "updateTags"),
    ("undo", "updateMedia"),
]


async def meet_everywhere(args: ConnectArgs, connection: Any, first: Work, second: Work) -> None:
    """Two edits meet at each statement of the first."""
    at = 1
    while True:
        await connection.execute(PUT_BACK)
        if not await meet(args, connection, first, second, at):
            break
        at += 1
    assert at > 1
    await assert_no_drift(connection)


@pytest.mark.parametrize(("first", "second"), PAIRS)
async def test_no_edit_waits_for_one_that_waits_for_it(
    first: str, second: str, kept: ConnectArgs, connection: Any
) -> None:
    await meet_everywhere(kept, connection, EDITS[first], EDITS[second])
    if first != second:
        await meet_everywhere(kept, connection, EDITS[second], EDITS[first])
