"""Media made and changed: many in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.derived.declared import SORT_KEYS
from catalog.derived.statements import inserted_media, updated_media
from catalog.edit import LOCK_MEDIA, EditOutcome, LoopYield, add_events, lock_media, no_such_media
from catalog.media_values import (
    bad_argument,
    check_library,
    check_parent,
    check_patch,
    check_values,
    client_name,
    merge_patch,
    same_json,
)
from catalog.transaction import Writer
from database.row import Row
from domain.enums import HistoryEventType, MediaKind
from domain.errors import CatalogError, Code
from domain.ids import format_id

EDITABLE_COLUMNS = (
    *("library_id", "kind", "title", "original_title", "folded_title", "sort_title", "year", "rating_tenths"),
    *("runtime_minutes", "overview", "added_at", "parent_id", "season_number", "episode_number", "metadata"),
    *("folded_original_title", "folded_overview", "locked_fields"),
)
COPIED = frozenset(SORT_KEYS)
DERIVED = ("folded_title", "sort_title", "folded_original_title", "folded_overview")

# What makes two media the same one twice, as far as anybody can tell by looking at them.
IDENTITY = ("library_id", "kind", "folded_title", "year", "parent_id", "season_number", "episode_number")

# The media of an edit with what their places are checked by, so that a change of one is held against the others.
LOCK_FOR_PLACEMENT = LOCK_MEDIA.replace(
    " AS row\n",
    """ AS row,
       EXISTS (SELECT FROM media c WHERE c.parent_id = m.id) AS has_children,
       (SELECT p.kind FROM media p WHERE p.id = m.parent_id) AS parent_kind,
       (SELECT l.kind FROM library l WHERE l.id = m.library_id) AS library_kind
""",
)

PATCHED = "CASE WHEN change.patch IS NULL THEN r.metadata ELSE json_merge_patch(m.metadata, change.patch) END"

# The given columns of each media take the given values, the others stay. A patch is applied to the metadata as they
# are stored, not as Python reads them.
SETS = f"""
({", ".join(EDITABLE_COLUMNS)}) = (
    SELECT {", ".join(PATCHED if name == "metadata" else f"r.{name}" for name in EDITABLE_COLUMNS)}
    FROM jsonb_populate_record(m, change.columns) AS r
)
"""
CHANGES = "unnest($1::bigint[], $2::jsonb[], $3::jsonb[]) AS change(id, columns, patch)"

# With the copies of what is changed, and where nothing that has copies is.
UPDATE_WITH_COPIES = updated_media(SETS, CHANGES)
UPDATE = updated_media(SETS, CHANGES, carries=False)

# Of what is to be made, by its place, the first that is there already.
DUPLICATES = f"""
SELECT new.place, min(m.id)
FROM unnest($1::integer[], $2::jsonb[]) AS new(place, columns), jsonb_populate_record(NULL::media, new.columns) AS r
JOIN media m ON m.library_id = r.library_id AND m.sort_title = r.sort_title
WHERE {" AND ".join(f"m.{name} IS NOT DISTINCT FROM r.{name}" for name in IDENTITY)}
GROUP BY new.place
"""

# Ids are given in the order of the places.
INSERT = inserted_media(
    f"""
INSERT INTO media ({", ".join(EDITABLE_COLUMNS)})
SELECT {", ".join(f"r.{name}" for name in EDITABLE_COLUMNS)}
FROM unnest($1::jsonb[]) WITH ORDINALITY AS new(columns, place),
     jsonb_populate_record(NULL::media, new.columns) AS r
ORDER BY new.place
"""
)

# Which of the libraries are there and may be changed; one that is being deleted takes nothing any longer. Who makes
# media in a library takes turns with others who do, to the end of the transaction: two that look whether a media is
# there would else both make it. Libraries are locked before media, by everybody.
LIBRARIES = """
SELECT l.id, l.kind FROM library l
WHERE l.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR l.id = any($2::bigint[])) AND l.deletion_started_at IS NULL
ORDER BY l.id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class MediaInput:
    """New values of some columns of a media (None: one to be made). `version`: the one that the client knows.

    `metadata_patch` among the values is a merge patch of the metadata."""

    place: int
    media: int | None
    values: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class PlacementRules:
    """What the places of media are checked by: the media that are locked, the kinds of libraries, and the media whose
    own kinds change in the same edit."""

    locked: Mapping[int, Row]
    libraries: Mapping[int, str | None]
    changing: frozenset[int] = frozenset()

    def check(
        self, values: Mapping[str, Any], row: Row | None = None, path: MutableSequence[str | int] | None = None
    ) -> None:
        """NOT_FOUND, BAD_ARGUMENT unless library and parent are there and fit. `values`: what a media is to have.

        `row`: the media as it is; only what is changed is checked, since what is there was allowed once. `path` is
        left at what an error is about: library_id, kind or parent."""
        at: MutableSequence[str | int] = [] if path is None else path
        old: Mapping[str, Any] = {} if row is None else row["row"]
        library, parent, kind = [values.get(name, old.get(name)) for name in ("library_id", "parent_id", "kind")]
        at[:] = ["library_id"]
        if "library_id" in values and library not in self.libraries:
            raise CatalogError(Code.NOT_FOUND, "There is no such library.")
        is_other_kind = row is None or kind != row["kind"]
        is_moved = row is None or library != old["library_id"]
        is_hung = row is None or parent != old["parent_id"]
        at[:] = ["library_id" if is_moved else "kind"]
        if is_other_kind or is_moved:
            check_library(kind, self.libraries[library] if row is None or is_moved else row["library_kind"])
        at[:] = ["parent"]
        if parent is not None and is_hung:
            check_parent(kind, self.kind_of(parent))
        elif is_other_kind or is_hung:
            check_parent(kind, None if parent is None or row is None else row["parent_kind"])

    def kind_of(self, parent: int) -> str:
        if parent not in self.locked:
            raise CatalogError(Code.NOT_FOUND, "There is no such parent.")
        if parent in self.changing:
            raise bad_argument("The kind of this parent changes in the same edit: put others below it afterwards.")
        return str(self.locked[parent]["kind"])


async def update_media(writer: Writer, changes: Sequence[MediaInput]) -> EditOutcome:
    """Changes media; one whose version is not the one that was given fails with VERSION_CONFLICT."""
    outcome = EditOutcome()
    named = [change.media for change in changes if change.media is not None]
    libraries = await lock_libraries(writer, libraries_of(changes))
    locked = await lock_media(writer, [*named, *parents_of(changes)], LOCK_FOR_PLACEMENT)
    places = PlacementRules(locked, libraries, changing_kind(changes, locked))
    found: dict[int, dict[str, Any]] = {}
    patches: dict[int, Any] = {}
    turns = LoopYield()
    for change in changes:
        await turns.maybe_yield()
        media = change.media
        try:
            if media is None or media not in locked:
                raise no_such_media()
            if media in found:
                raise bad_argument("This media stands in two items of one edit.")
            found[media] = new_values(change, locked[media], places)
            patches[media] = change.values.get("metadata_patch")
        except CatalogError as error:
            outcome.fail(error, change.place, media)
    events = {
        media: detail for media, values in found.items() if (detail := changed_fields(locked[media]["row"], values))
    }
    columns = [found[media] for media in events]
    text = UPDATE_WITH_COPIES if any(not COPIED.isdisjoint(values) for values in columns) else UPDATE
    await writer.fetch(text, list(events), columns, [patches[media] for media in events])
    # Whoever may see a media may see what happened to it: an event is in the library that it is in now.
    moved: Any = {media: {"library_id": one["library_id"]} for media, one in found.items() if "library_id" in one}
    await add_events(writer, HistoryEventType.UPDATED, locked | moved, events)
    outcome.media = list(found)
    return outcome


def parents_of(changes: Iterable[MediaInput]) -> list[int]:
    """The parents that an edit names."""
    return [change.values["parent_id"] for change in changes if change.values.get("parent_id") is not None]


def changing_kind(changes: Iterable[MediaInput], locked: Mapping[int, Row]) -> frozenset[int]:
    """The media whose kind an edit changes."""
    kinds = {change.media: change.values["kind"] for change in changes if "kind" in change.values}
    return frozenset(media for media, row in locked.items() if kinds.get(media, row["kind"]) != row["kind"])


def new_values(change: MediaInput, row: Row, places: PlacementRules) -> dict[str, Any]:
    """The columns of a change, checked against what is there."""
    if change.version is not None and change.version != row["version"]:
        raise CatalogError(
            Code.VERSION_CONFLICT,
            f"This media has been changed since: its version is {row['version']}, not {change.version}. Read it again.",
        )
    given = dict(change.values)
    if "metadata_patch" in given:
        patch = check_patch(given.pop("metadata_patch"))
        if "metadata" in given:
            raise bad_argument("Give metadata, or metadataPatch, not both.")
        given["metadata"] = merge_patch(row["row"]["metadata"], patch)
    values = check_values(given)
    if values.get("kind", row["kind"]) != row["kind"] and row["has_children"]:
        raise bad_argument("Other media hang on this one: its kind cannot change.")
    places.check(values, row)
    return values


def changed_fields(old: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What history says of a change: old and new values by the names and in the units of the API; nothing where
    nothing is different."""
    return {
        client_name(name): {"old": client_value(name, old[name]), "new": client_value(name, value)}
        for name, value in values.items()
        if name not in DERIVED and not is_same(name, old[name], value)
    }


def client_value(name: str, value: Any) -> Any:
    """The value of a column as clients know it."""
    if value is None:
        return None
    if name == "rating_tenths":
        return value / 10
    if name in ("library_id", "parent_id"):
        return format_id("library" if name == "library_id" else "media", value)
    return value


def is_same(name: str, old: Any, new: Any) -> bool:
    if name == "added_at" and old is not None:
        return datetime.fromisoformat(old) == datetime.fromisoformat(new)
    return same_json(old, new)


def libraries_of(changes: Iterable[MediaInput]) -> set[int]:
    """The libraries that an edit names."""
    return {change.values["library_id"] for change in changes if change.values.get("library_id") is not None}


async def lock_libraries(writer: Writer, ids: Iterable[int]) -> dict[int, str | None]:
    """Those of some libraries that are there and may be changed, with their kinds."""
    return {row[0]: row[1] for row in await writer.fetch(LIBRARIES, sorted(ids), writer.libraries)}


async def create_media(writer: Writer, changes: Sequence[MediaInput], *, allow_duplicates: bool = False) -> EditOutcome:
    """Makes media; `outcome.media` are their new ids, in the order given.

    One that is there already, or stands in the edit before, fails with DUPLICATE unless that is allowed."""
    outcome = EditOutcome()
    libraries = await lock_libraries(writer, libraries_of(changes))
    places = PlacementRules(await lock_media(writer, parents_of(changes)), libraries)
    fitting: dict[int, dict[str, Any]] = {}
    now = datetime.now(UTC)
    turns = LoopYield()
    for change in changes:
        await turns.maybe_yield()
        try:
            values = check_values(
                {"added_at": now, "metadata": {}, "locked_fields": [], "kind": MediaKind.MOVIE, **change.values}
            )
            places.check(values)
            fitting[change.place] = values
        except CatalogError as error:
            outcome.fail(error, change.place)
    asked = {} if allow_duplicates else fitting
    there = {row[0]: row[1] for row in await writer.fetch(DUPLICATES, list(asked), list(asked.values()))}
    made = list(without_duplicates(fitting, there, outcome, allow_duplicates=allow_duplicates))
    outcome.media = [row[0] for row in await writer.fetch(INSERT, made)]
    new: Any = dict(zip(outcome.media, made, strict=True))
    events = {media: {"title": values["title"]} for media, values in new.items()}
    await add_events(writer, HistoryEventType.CREATED, new, events)
    return outcome


def without_duplicates(
    fitting: Mapping[int, dict[str, Any]], there: Mapping[int, int], outcome: EditOutcome, *, allow_duplicates: bool
) -> Iterable[dict[str, Any]]:
    """Those that are to be made; the others go into the outcome. `there`: by place, the same media that is there."""
    first: dict[tuple[Any, ...], int] = {}
    for place, values in fitting.items():
        earlier = first.setdefault(tuple(values.get(name) for name in IDENTITY), place)
        if place in there:
            known = format_id("media", there[place])
            message = f"This media exists, as {known}: allowDuplicates makes another."
            outcome.fail(CatalogError(Code.DUPLICATE, message), place, there[place])
        elif earlier != place and not allow_duplicates:
            message = f"Item {earlier} of this edit is the same media: allowDuplicates makes both."
            outcome.fail(CatalogError(Code.DUPLICATE, message), place)
        else:
            yield values
