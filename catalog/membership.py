"""What media carry (domain/memberships.py): set, added, removed, for many media by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from catalog.derived.statements import copied, deleted_rows, inserted_rows
from catalog.edit import EditOutcome, add_events, lock_media
from catalog.membership_changes import (
    Bound,
    ChangeMode,
    MembershipItem,
    differences,
    history_details,
    memberships_after,
)
from catalog.transaction import Writer
from catalog.upsert.names import create_statement, look_up_statement
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.memberships import MEMBERSHIPS, Membership
from domain.text import fold, slug


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """One of a noun, by its id or its name as it was written."""

    id: int | None = None
    name: str | None = None

    @property
    def folded(self) -> str:
        return fold(self.name or "")


# What the media carry.
CURRENT = """
SELECT j.media_id, array_agg(t.id), array_agg(t.name)
FROM media_{noun} j JOIN {noun} t ON t.id = j.{noun}_id WHERE j.media_id = any($1::bigint[]) GROUP BY j.media_id
"""

DELETE_ROWS = """
DELETE FROM media_{noun} j USING unnest($1::bigint[], $2::bigint[]) AS gone(media_id, {noun}_id)
WHERE j.media_id = gone.media_id AND j.{noun}_id = gone.{noun}_id
"""

INSERT_ROWS = """
INSERT INTO media_{noun} (media_id, {noun}_id, {names})
SELECT m.id, given.{noun}_id, {values}
FROM unnest($1::bigint[], $2::bigint[]) AS given(media_id, {noun}_id) JOIN media m ON m.id = given.media_id
ORDER BY m.id, given.{noun}_id
"""


def of_noun(kind: Membership, text: str) -> str:
    return text.replace("{noun}", kind.noun)


@lru_cache
def take(kind: Membership) -> str:
    """TAKE with the counts of what is taken."""
    return deleted_rows(kind.table, of_noun(kind, DELETE_ROWS), "j", feed=False)


@lru_cache
def give(kind: Membership) -> str:
    """GIVE with the copies of the media's columns and the counts."""
    names, values = copied(kind.table)
    main = of_noun(kind, INSERT_ROWS).replace("{names}", names).replace("{values}", values)
    return inserted_rows(kind.table, main, feed=False)


# Made at the start, not within the first edit.
for _kind in MEMBERSHIPS:
    take(_kind)
    give(_kind)


# What an edit works with: the id of a thing, or the folded name of one that is to be made.
TargetKey: TypeAlias = int | str


async def change_memberships(
    writer: Writer, kind: Membership, change: ChangeMode, items: Sequence[MembershipItem[NamedTarget]], *, create: bool
) -> EditOutcome:
    """Changes what media carry. `create`: names that are not known are made, once all is checked, for the media that
    can carry them; else their items fail with NOT_FOUND."""
    outcome = EditOutcome()
    known = await resolve(writer, kind, [one for item in items for one in item.targets])
    locked = await lock_media(writer, (media for item in items for media in item.media))
    names = dict(known.values())
    carried: dict[int, set[TargetKey]] = {}
    for media, ids, called in await writer.fetch(of_noun(kind, CURRENT), list(locked)):
        carried[media] = set(ids)
        names.update(zip(ids, called, strict=True))
    strict = change is not ChangeMode.REMOVE
    named = [(item, targets_of(kind, item, known, strict=strict, create=create)) for item in items]
    wanted = await memberships_after(change, named, locked, carried, Bound(kind.bound, kind.plural), outcome)
    new, gone = await differences(carried, wanted)
    if create:
        made = await create_missing(
            writer, kind, {one for _, one in new if isinstance(one, str)}, first_spellings(items, outcome)
        )
        names |= dict(made.values())
        new = [(media, made[one][0] if isinstance(one, str) else one) for media, one in new]
    if change is not ChangeMode.ADD:
        await writer.fetch(take(kind), *columns(gone))
    if change is not ChangeMode.REMOVE:
        await writer.fetch(give(kind), *columns(new))
    details = await history_details(new, gone, names.__getitem__)
    await add_events(writer, HistoryEventType(kind.event), locked, details, kind.table)
    return outcome


async def resolve(writer: Writer, kind: Membership, named: Iterable[NamedTarget]) -> dict[NamedTarget, tuple[int, str]]:
    """Id and name of each that is known, by its id of old too; they are locked (catalog/transaction.py)."""
    asked = dict.fromkeys(named)
    texts = {one.folded for one in asked if one.name is not None}
    by_id = {one.id for one in asked if one.id is not None}
    rows = await writer.fetch(look_up_statement(kind.noun), list(texts), list(by_id))
    by_name = {row[0]: (row[2], row[3]) for row in rows if row[0] is not None}
    known = {row[1]: (row[2], row[3]) for row in rows if row[0] is None}
    found = {one: known.get(one.id) if one.id is not None else by_name.get(one.folded) for one in asked}
    return {one: there for one, there in found.items() if there is not None}


def targets_of(
    kind: Membership,
    item: MembershipItem[NamedTarget],
    known: dict[NamedTarget, tuple[int, str]],
    *,
    strict: bool,
    create: bool,
) -> set[TargetKey] | CatalogError:
    """What an item names; NOT_FOUND where one is not known and cannot be made, if that matters."""
    found: set[TargetKey] = set()
    for one in item.targets:
        if one in known:
            found.add(known[one][0])
        elif create and one.name is not None:
            found.add(one.folded)
        elif strict:
            what = (
                f"with the name {one.name!r}" if one.name is not None else f"with the id {format_id(kind.noun, one.id)}"
            )
            return CatalogError(Code.NOT_FOUND, f"There is no {kind.noun} {what}.")
    return found


def first_spellings(items: Iterable[MembershipItem[NamedTarget]], outcome: EditOutcome) -> dict[str, str]:
    """How each name was first written by an item that does not fail, by the folded name."""
    failed = {(failure.item, failure.media) for failure in outcome.failures}
    done = [item for item in items if any((item.place, media) not in failed for media in item.media)]
    texts: dict[str, str] = {}
    for one in (one for item in done for one in item.targets if one.name is not None):
        texts.setdefault(one.folded, " ".join((one.name or "").split()))
    return texts


async def create_missing(
    writer: Writer, kind: Membership, folded: Iterable[str], spelled: Mapping[str, str]
) -> dict[str, tuple[int, str]]:
    """Id and name of new ones by the folded name."""
    texts = {one: spelled[one] for one in sorted(folded)}
    slugs = [slug(text) for text in texts.values()]
    rows = await writer.fetch(create_statement(kind.noun), list(texts), list(texts.values()), slugs)
    return {row[0]: (row[1], row[2]) for row in rows}


def columns(pairs: list[tuple[int, TargetKey]]) -> tuple[list[int], list[TargetKey]]:
    return [media for media, _ in pairs], [one for _, one in pairs]
