"""Media made, changed and deleted: many in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.edit import Outcome, add_events, lock_media, no_such_media
from catalog.media_values import bad, check_parent, checked
from catalog.transaction import Writer
from loaders.errors import CatalogError, Code
from loaders.row import Row

OWN = (
    *("library_id", "kind", "title", "original_title", "folded_title", "sort_title", "year", "rating_tenths"),
    *("runtime_minutes", "overview", "added_at", "parent_id", "season_number", "episode_number", "metadata"),
    *("folded_original_title", "folded_overview"),
)
DERIVED = ("folded_title", "sort_title", "folded_original_title", "folded_overview")
TOLD = {"rating_tenths": "ratingTenths", "library_id": "libraryId", "parent_id": "parentId"}

# The given columns of each media take the given values, the others stay.
UPDATE = f"""
UPDATE media m SET ({", ".join(OWN)}) = (SELECT {", ".join(f"r.{name}" for name in OWN)}
                                         FROM jsonb_populate_record(m, change.columns) AS r)
FROM unnest($1::bigint[], $2::jsonb[]) AS change(id, columns) WHERE m.id = change.id
"""

NEW_IDS = "SELECT nextval(pg_get_serial_sequence('media', 'id')) FROM generate_series(1, $1::integer)"

INSERT = f"""
INSERT INTO media (id, {", ".join(OWN)})
SELECT new.id, {", ".join(f"r.{name}" for name in OWN)}
FROM unnest($1::bigint[], $2::jsonb[]) AS new(id, columns), jsonb_populate_record(NULL::media, new.columns) AS r
ORDER BY new.id
"""

# Which of the libraries are there and may be changed.
LIBRARIES = """
SELECT l.id FROM library l WHERE l.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR l.id = any($2::bigint[]))
ORDER BY l.id FOR KEY SHARE
"""

# Media with all that hang on them, at most two levels down; by whom they were asked for. Which of them may be changed.
FAMILIES = """
WITH RECURSIVE family AS (
    SELECT id, id AS root, library_id FROM media WHERE id = any($1::bigint[])
    UNION ALL SELECT m.id, f.root, m.library_id FROM media m JOIN family f ON m.parent_id = f.id
)
SELECT id, root, $2::bigint[] IS NULL OR library_id = any($2::bigint[]) FROM family
"""

DELETE = "DELETE FROM media WHERE id = any($1::bigint[])"


@dataclass(frozen=True, slots=True)
class Change:
    """New values of some columns of a media (None: one to be made). `version`: the one that the client knows."""

    place: int
    media: int | None
    values: Mapping[str, Any]
    version: int | None = None


async def update_media(writer: Writer, changes: Sequence[Change]) -> Outcome:
    """Changes media; one whose version is not the one that was given fails with VERSION_CONFLICT."""
    outcome = Outcome()
    above = [change.values["parent_id"] for change in changes if change.values.get("parent_id") is not None]
    locked = await lock_media(writer, [*(change.media for change in changes if change.media is not None), *above])
    libraries = await known_libraries(writer, changes)
    found: dict[int, dict[str, Any]] = {}
    for change in changes:
        media = change.media
        try:
            if media is None or media not in locked:
                raise no_such_media()
            if media in found:
                raise bad("This media stands in two items of one edit.")
            found[media] = new_values(change, locked, libraries)
        except CatalogError as error:
            outcome.fail(error, change.place, media)
    events = {media: detail for media, values in found.items() if (detail := told(locked[media]["row"], values))}
    await writer.fetch(UPDATE, list(events), [found[media] for media in events])
    await add_events(writer, "UPDATED", locked, events)
    outcome.media = list(found)
    return outcome


def new_values(change: Change, locked: dict[int, Row], libraries: set[int]) -> dict[str, Any]:
    """The columns of a change, checked against what is there."""
    row = locked[change.media or 0]
    if change.version is not None and change.version != row["version"]:
        raise CatalogError(
            Code.VERSION_CONFLICT,
            f"This media has been changed since: its version is {row['version']}, not {change.version}. Read it again.",
        )
    values = checked(change.values)
    kind = values.get("kind", row["kind"])
    if kind != row["kind"] and row["has_children"]:
        raise bad("Other media hang on this one: its kind cannot change.")
    check_place({"kind": kind, "parent_id": row["row"]["parent_id"], **values}, locked, libraries)
    return values


def check_place(values: Mapping[str, Any], locked: dict[int, Row], libraries: set[int]) -> None:
    """NOT_FOUND, BAD_ARGUMENT unless library and parent are there and fit."""
    if "library_id" in values and values["library_id"] not in libraries:
        raise CatalogError(Code.NOT_FOUND, "There is no such library.")
    parent = values.get("parent_id")
    if parent is not None:
        check_parent(values["kind"], locked[parent]["kind"] if parent in locked else None)


def told(old: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What history says of a change: old and new values by name; nothing where nothing is different."""
    return {
        TOLD.get(name) or camel(name): {"old": old[name], "new": value}
        for name, value in values.items()
        if name not in DERIVED and not same(name, old[name], value)
    }


def same(name: str, old: Any, new: Any) -> bool:
    if name == "added_at" and old is not None:
        return datetime.fromisoformat(old) == datetime.fromisoformat(new)
    return bool(old == new)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


async def known_libraries(writer: Writer, changes: Iterable[Change]) -> set[int]:
    ids = {change.values["library_id"] for change in changes if change.values.get("library_id") is not None}
    return {row[0] for row in await writer.fetch(LIBRARIES, sorted(ids), writer.libraries)}


async def create_media(writer: Writer, changes: Sequence[Change]) -> Outcome:
    """Makes media; `outcome.media` are their new ids, in the order given."""
    outcome = Outcome()
    above = [change.values["parent_id"] for change in changes if change.values.get("parent_id") is not None]
    locked = await lock_media(writer, above)
    libraries = await known_libraries(writer, changes)
    made: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    for change in changes:
        try:
            values = checked({"added_at": now, "metadata": {}, "kind": "MOVIE", **change.values})
            check_place(values, locked, libraries)
            made.append(values)
        except CatalogError as error:
            outcome.fail(error, change.place)
    outcome.media = [row[0] for row in await writer.fetch(NEW_IDS, len(made))]
    await writer.fetch(INSERT, outcome.media, made)
    events = {media: {"title": values["title"]} for media, values in zip(outcome.media, made, strict=True)}
    new: Any = dict(zip(outcome.media, made, strict=True))
    await add_events(writer, "CREATED", new, events)
    return outcome


async def delete_media(writer: Writer, media: Mapping[int, int], *, with_children: bool) -> tuple[Outcome, list[int]]:
    """Deletes media: a tombstone stays in media_change, and their history. The ids of all that are gone.

    With each media its place. One on which others hang fails with HAS_CHILDREN unless these are to go with it."""
    outcome = Outcome()
    families = await writer.fetch(FAMILIES, list(media), writer.libraries)
    members: dict[int, set[int]] = {}
    for one, root, _ in families:
        members.setdefault(root, set()).add(one)
    hidden = {row[0] for row in families if not row[2]}
    locked = await lock_media(writer, [row[0] for row in families])
    gone: dict[int, dict[str, Any]] = {}
    for one, place in media.items():
        try:
            if one not in locked:
                raise no_such_media()
            family = hanging_on(one, members[one], locked, hidden)
            if len(family) > 1 and not with_children and not family <= {*media}:
                raise CatalogError(Code.HAS_CHILDREN, "Other media hang on this one: delete them too, or before.")
            if not family <= locked.keys():
                raise CatalogError(Code.NOT_FOUND, "Some media that hang on this one cannot be deleted by you.")
            gone |= {member: {"title": locked[member]["row"]["title"]} for member in family}
            outcome.media.append(one)
        except CatalogError as error:
            outcome.fail(error, place, one)
    await add_events(writer, "DELETED", locked, gone)
    await writer.fetch(DELETE, list(gone))
    return outcome, sorted(gone)


def hanging_on(root: int, family: set[int], locked: Mapping[int, Row], hidden: set[int]) -> set[int]:
    """A media and those of its family that still hang on it now that they are locked: others may have been moved or
    deleted since they were found. Hidden ones cannot be looked at, and count as they were found."""
    kept = {root}
    while more := {
        one for one in family - kept if one in hidden or (one in locked and locked[one]["row"]["parent_id"] in kept)
    }:
        kept |= more
    return kept
