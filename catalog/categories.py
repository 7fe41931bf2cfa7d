"""The (category, value) pairs of media: set, added, removed, for many media by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

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
from domain.bounds import CATEGORY_BYTES, CATEGORY_LETTERS, ROWS_OF_A_MEDIA
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code
from domain.text import shows_nothing, storable

TABLE = "categorisation"
CATEGORIES = Bound(ROWS_OF_A_MEDIA[TABLE], "categories")

CategoryPair: TypeAlias = tuple[str, str]


CATEGORISATIONS_OF_MEDIA = """
SELECT media_id, array_agg(category), array_agg(value) FROM categorisation
WHERE media_id = any($1::bigint[]) GROUP BY media_id
"""

DELETE_CATEGORISATIONS = """
DELETE FROM categorisation c USING unnest($1::bigint[], $2::text[], $3::text[]) AS gone(media_id, category, value)
WHERE c.media_id = gone.media_id AND c.category = gone.category AND c.value = gone.value
"""

INSERT_CATEGORISATIONS = """
INSERT INTO categorisation (media_id, category, value)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new(media_id, category, value)
ORDER BY media_id, category, value
"""


def check_pair(category: str, value: str) -> CategoryPair:
    """A pair as it is kept; BAD_ARGUMENT."""
    kept = (" ".join(category.split()), " ".join(value.split()))
    if not all(storable(text) and len(text) <= CATEGORY_LETTERS and not shows_nothing(text) for text in kept):
        raise CatalogError(Code.BAD_ARGUMENT, f"A category and its value have 1 to {CATEGORY_LETTERS} letters each.")
    if len(kept[0].encode()) > CATEGORY_BYTES:
        raise CatalogError(Code.BAD_ARGUMENT, f"A category has at most {CATEGORY_BYTES} bytes in UTF-8.")
    return kept


async def change_categories(
    writer: Writer, change: ChangeMode, items: Sequence[MembershipItem[CategoryPair]]
) -> EditOutcome:
    """Changes which pairs media have."""
    outcome = EditOutcome()
    locked = await lock_media(writer, (media for item in items for media in item.media))
    current = await writer.fetch(CATEGORISATIONS_OF_MEDIA, list(locked))
    carried = {row[0]: set(zip(row[1], row[2], strict=True)) for row in current}
    named: list[tuple[MembershipItem[CategoryPair], set[CategoryPair] | CatalogError]] = [
        (item, {*item.targets}) for item in items
    ]
    wanted = await memberships_after(change, named, locked, carried, CATEGORIES, outcome)
    new, gone = await differences(carried, wanted)
    if change is not ChangeMode.ADD:
        await writer.fetch(DELETE_CATEGORISATIONS, *category_columns(gone))
    if change is not ChangeMode.REMOVE:
        await writer.fetch(INSERT_CATEGORISATIONS, *category_columns(new))
    details = await history_details(new, gone, ": ".join)
    await add_events(writer, HistoryEventType.CATEGORIES_CHANGED, locked, details, TABLE)
    return outcome


def category_columns(rows: list[tuple[int, CategoryPair]]) -> tuple[list[int], list[str], list[str]]:
    return [media for media, _ in rows], [pair[0] for _, pair in rows], [pair[1] for _, pair in rows]
