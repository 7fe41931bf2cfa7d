"""What has become of releases that were analysed, stored: what is known of each, or why nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.edit import add_events, json_rows, lock_media
from catalog.releases.due import DueRelease
from catalog.transaction import Writer
from catalog.upsert.names import ItemNames
from database.row import Row
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code

FAILURE_LETTERS = 2_000

# Those that are still there, with their groups. One that has come to another media meanwhile, which is not locked, is
# left out.
LOCK_RELEASES = """
SELECT r.id, r.release_group_id FROM release r
WHERE r.id = any($1::bigint[]) AND (r.media_id IS NULL OR r.media_id = any($2::bigint[]))
ORDER BY r.id FOR NO KEY UPDATE
"""

# What is not there yet is filled in; what the index alone knows is as it says now.
STORE_RELEASES = """
UPDATE release r SET state = 'ANALYSED', failure = NULL, analysed_at = now(),
    release_group_id = coalesce(r.release_group_id, given.group_id), size = coalesce(r.size, given.size),
    published_at = coalesce(r.published_at, given.published_at),
    completeness = coalesce(given.completeness, r.completeness), nuke_reason = given.nuke_reason
FROM jsonb_to_recordset($1::text::jsonb) AS given(
    id bigint, group_id bigint, size bigint, published_at timestamptz, completeness smallint, nuke_reason text
) JOIN release old ON old.id = given.id
WHERE r.id = old.id
RETURNING r.media_id, (r.state, r.failure, r.release_group_id, r.size, r.published_at, r.completeness, r.nuke_reason)
    IS DISTINCT FROM (
        old.state, old.failure, old.release_group_id, old.size, old.published_at, old.completeness, old.nuke_reason
    ) AS is_changed
"""

# What was known of one that was analysed before stays.
FAIL_RELEASES = """
UPDATE release r SET state = 'FAILED', failure = given.failure
FROM jsonb_to_recordset($1::text::jsonb) AS given(id bigint, failure text) JOIN release old ON old.id = given.id
WHERE r.id = old.id AND r.state <> 'ANALYSED'
RETURNING r.media_id, (r.state, r.failure) IS DISTINCT FROM (old.state, old.failure) AS is_changed
"""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What is known of a release; None where nothing is. size: bytes; completeness: percent."""

    group: str | None
    size: int | None
    published_at: datetime | None
    completeness: int | None
    nuke_reason: str | None


@dataclass(frozen=True, slots=True)
class AnalysedRelease:
    """A release with what is known of it, or why nothing is."""

    release: DueRelease
    found: ReleaseFacts | CatalogError


async def store_analysis(writer: Writer, analysed: Sequence[AnalysedRelease]) -> list[AnalysedRelease]:
    """Stores what was found; what has become of each, in the same order: one that is gone, or whose group has a name
    that can be none, fails. Groups that are not there are made."""
    names = ItemNames()
    outcomes = [_with_group(one, names) for one in analysed]
    await names.look_up(writer)
    media = await lock_media(writer, {one.release.media for one in analysed if one.release.media is not None})
    ids = [one.release.id for one in analysed]
    there = {row[0]: row[1] for row in await writer.fetch(LOCK_RELEASES, ids, list(media))}
    outcomes = [one if one.release.id in there else _gone(one) for one in outcomes]
    facts = {one.release.id: one.found for one in outcomes if isinstance(one.found, ReleaseFacts)}
    without = {id: found.group for id, found in facts.items() if found.group is not None and there[id] is None}
    groups = await _groups(writer, names, without)
    stored = await writer.fetch(STORE_RELEASES, json_rows([_row(id, one, groups) for id, one in facts.items()]))
    failed = [(one.release.id, one.found) for one in outcomes if isinstance(one.found, CatalogError)]
    stored += await writer.fetch(FAIL_RELEASES, json_rows([_failed_row(id, why) for id, why in failed if id in there]))
    await _note_changes(writer, media, stored)
    return outcomes


def _with_group(one: AnalysedRelease, names: ItemNames) -> AnalysedRelease:
    """Notes the name of its group, which is to be looked up."""
    if isinstance(one.found, ReleaseFacts) and one.found.group is not None:
        try:
            names.refer("release_group", one.found.group)
        except CatalogError as error:
            return AnalysedRelease(one.release, CatalogError(Code.PROVIDER_BAD_ANSWER, f"Its group: {error}"))
    return one


def _gone(one: AnalysedRelease) -> AnalysedRelease:
    message = "It was deleted or moved while it was analysed, or may not be changed."
    return AnalysedRelease(one.release, CatalogError(Code.NOT_FOUND, message))


async def _groups(writer: Writer, names: ItemNames, given: Mapping[int, str]) -> dict[int, int]:
    """The ids of groups that releases get, by the releases' ids. given: the groups' names."""
    references = {id: names.found("release_group", names.refer("release_group", name)) for id, name in given.items()}
    wanted = {one for one in references.values() if isinstance(one, str)}
    made = (await names.create(writer, {"release_group": wanted}))["release_group"] if wanted else {}
    return {id: one if isinstance(one, int) else made[one] for id, one in references.items()}


def _row(id: int, facts: ReleaseFacts, groups: Mapping[int, int]) -> dict[str, Any]:
    return {
        "id": id,
        "group_id": groups.get(id),
        "size": facts.size,
        "published_at": facts.published_at,
        "completeness": facts.completeness,
        "nuke_reason": facts.nuke_reason,
    }


def _failed_row(id: int, why: CatalogError) -> dict[str, Any]:
    return {"id": id, "failure": f"{why.extensions['code']}: {why}"[:FAILURE_LETTERS]}


async def _note_changes(writer: Writer, media: dict[int, Row], stored: Sequence[Row]) -> None:
    """One event for each media whose releases became different."""
    changed = Counter(row["media_id"] for row in stored if row["is_changed"] and row["media_id"] is not None)
    details = {one: {"releases": {"added": 0, "changed": n, "removed": 0}} for one, n in sorted(changed.items())}
    if details:
        await add_events(writer, HistoryEventType.UPDATED, media, details, "release")
