"""upsertMedia: media made or changed with all that hangs on them, found by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from catalog.edit import LoopYield, check_batch_size
from catalog.media_values import bad_argument, client_name
from catalog.upsert.item import Item, Key, Result, Season, Status, Title
from catalog.upsert.lists import LISTS as ROW_LISTS
from catalog.upsert.upsert import DEFAULT_ORDER, tally, upsert_media
from domain.enums import MediaKind, MetadataField
from domain.errors import CatalogError
from domain.memberships import Membership
from engine.documents.priced_arguments import Targets
from engine.relation import TARGETS, Declaration, Load, declared
from loaders.registry import Loaders
from schema.core.enums import describe
from schema.core.membership_fields import MadeField, carried, membership_fields
from schema.core.node import decode_id
from schema.core.scalars import JSON
from schema.edit.media_edit import DESCRIPTIONS, optional_input, values_of
from schema.edit.membership_edit import CategoryInput, IdOrName
from schema.edit.outcome import run_edit
from schema.edit.upsert_enums import MatchBy, OnConflict
from schema.edit.upsert_input import (
    INPUTS,
    READ_ELEMENT,
    AliasInput,
    ArtworkInput,
    ClipInput,
    CollectionEntryInput,
    CreditInput,
    ExternalIdInput,
    FileInput,
    MusicInput,
    ReleaseInput,
    SubtitleInput,
    ThumbnailInput,
    called,
    element_of,
)
from schema.media import Media

LISTS = tuple(one.name for one in ROW_LISTS)
SINGLE = tuple(one.name for one in ROW_LISTS if one.single)
OWN = tuple(name for name in DESCRIPTIONS if name not in ("parent", "metadata_patch"))


def list_input(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


describe(
    Status,
    "What became of an item of an upsert.",
    name="UpsertStatus",
    CREATED="The media was made.",
    UPDATED="The media was changed.",
    UNCHANGED="The media was as it is to be, or was skipped: nothing was written.",
    FAILED="Nothing of the item is stored.",
)


@strawberry.input(description="A media by library, kind, title and year.")
class TitleKey:
    library: strawberry.ID = strawberry.field(description="Global id of its library.")
    kind: MediaKind = strawberry.field(description="What it is.")
    title: str = strawberry.field(description="Its title; case and accents do not matter.")
    year: int | None = strawberry.field(default=None, description="Its year; null where it has none.")


@strawberry.input(description="A season by its series and number.")
class SeasonKey:
    series: MediaKey = strawberry.field(description="The series.")
    number: int = strawberry.field(description="The number of the season.")


@strawberry.input(one_of=True, description="A media by one of its keys.")
class MediaKey:
    id: strawberry.ID | None = list_input("Its global id.")
    external_id: ExternalIdInput | None = list_input("What another service calls it.")
    path: str | None = list_input("The path of one of its files.")
    item: int | None = list_input("The place, from 0, of another item of this upsert.")
    title: TitleKey | None = list_input("Its library, kind, title and year.")
    season: SeasonKey | None = list_input("A season, by its series and number.")


def make_names(one: Membership, words: str) -> Iterator[MadeField]:
    """The list of a noun that media carry."""
    words = words or f"Its {one.plural}"
    description = f"{words}, at most {one.bound}; unknown names become new {one.plural}."
    yield MadeField(one.plural, list[IdOrName] | None, list_input(description))


@strawberry.input(
    description="A media as it is to be: it is found by its keys, or made. A list that is given replaces the one that"
    " is there, or is added to it (onConflict); what is left out stays as it is."
)
@membership_fields(make_names)
class MediaUpsert:
    id: strawberry.ID | None = list_input("Global id of the media; one that is not there fails.")
    version: int | None = strawberry.field(
        default=None, description="The version that you know: with another one nothing is changed (VERSION_CONFLICT)."
    )
    library: strawberry.ID | None = optional_input("library")
    kind: MediaKind | None = optional_input("kind")
    title: str | None = optional_input("title")
    original_title: str | None = optional_input("original_title")
    year: int | None = optional_input("year")
    overview: str | None = optional_input("overview")
    rating: float | None = optional_input("rating")
    runtime_minutes: int | None = optional_input("runtime_minutes")
    added_at: datetime | None = optional_input("added_at")
    season_number: int | None = optional_input("season_number")
    episode_number: int | None = optional_input("episode_number")
    metadata: JSON | None = strawberry.field(
        default=UNSET, description=f"{DESCRIPTIONS['metadata']} With MERGE it is a JSON merge patch (RFC 7396)."
    )
    locked_fields: list[MetadataField] | None = optional_input("locked_fields")
    parent: MediaKey | None = list_input("The series of a season, the season or series of an episode.")
    aliases: list[AliasInput] | None = list_input("Its other titles, at most 64.")
    taglines: list[str] | None = list_input("Its taglines in order, at most 64.")
    external_ids: list[ExternalIdInput] | None = list_input("What other services call it, at most 64.")
    tags: Any = carried("Its tags")
    genres: Any = carried("Its genres")
    channels: Any = carried("The TV channels that show it")
    collections: list[CollectionEntryInput] | None = list_input("The collections that it is in, at most 64.")
    categories: list[CategoryInput] | None = list_input("Its categories, at most 256.")
    credits: list[CreditInput] | None = list_input("Who made it, in billing order, at most 1,000.")
    artwork: list[ArtworkInput] | None = list_input("Its pictures, at most 64.")
    files: list[FileInput] | None = list_input("Its files, at most 64.")
    subtitles: list[SubtitleInput] | None = list_input("Its subtitles, at most 64.")
    music: MusicInput | None = list_input("What is known of it as music; null for nothing.")
    clip: ClipInput | None = list_input("What is known of it as a clip; null for nothing.")
    thumbnails: list[ThumbnailInput] | None = list_input("Its thumbnails, at most 64.")
    releases: list[ReleaseInput] | None = list_input("Its releases, at most 1,000.")


def read_parent_key(given: Any) -> Key:
    """BAD_ID, BAD_ARGUMENT."""
    if isinstance(given.id, str):
        return Key(id=decode_id(given.id, "media"))
    if given.external_id is not UNSET:
        return Key(external_id=(given.external_id.source, given.external_id.value))
    if given.title is not UNSET:
        title = given.title
        return Key(title=Title(decode_id(title.library, "library"), title.kind.value, title.title, title.year))
    if given.season is not UNSET:
        series = given.season.series
        if series.season is not UNSET:
            raise bad_argument("A season is named by its series and number: its series cannot be a season.")
        return Key(season=Season(read_parent_key(series), given.season.number))
    return Key(path=given.path or None, item=given.item if isinstance(given.item, int) else None)


def read_lists(given: Any, path: list[str | int]) -> Iterator[tuple[str, Any]]:
    """The lists that an item gives; BAD_ID, BAD_ARGUMENT. `path` is left at what an error is about."""
    for name in LISTS:
        value = getattr(given, name)
        if value is UNSET:
            continue
        path[:] = [name]
        if name in SINGLE:
            yield name, None if value is None else element_of(value, path)
            continue
        read = READ_ELEMENT.get(name)
        elements = []
        for place, one in enumerate(value or ()):
            path[1:] = [place]
            elements.append(element_of(one, path) if read is None else read(one))
        yield name, elements
    path.clear()


def read_own(given: Any, path: list[str | int]) -> Iterator[tuple[str, Any]]:
    """The columns that an item gives, with their values; BAD_ID, BAD_ARGUMENT."""
    for name in OWN:
        path[:] = [name]
        yield from values_of(given, (name,))
    path.clear()


def read_item(place: int, given: Any) -> Item:
    """The catalogue's form of an item, or why it cannot be read."""
    path: list[str | int] = ["id"]
    try:
        id = decode_id(given.id, "media") if isinstance(given.id, str) else None
        path[:] = ["parent"]
        has_parent = given.parent is not UNSET
        parent = read_parent_key(given.parent) if has_parent and given.parent is not None else None
        values = dict(read_own(given, path))
        lists = dict(read_lists(given, path))
        return Item(
            place, id=id, version=given.version, values=values, parent=parent, has_parent=has_parent, lists=lists
        )
    except CatalogError as error:
        return Item(place, error=error, error_path=tuple(path))


@strawberry.type(description="How many items of an upsert came to what.")
class UpsertCounts:
    created: int = strawberry.field(description="Media that were made.")
    updated: int = strawberry.field(description="Media that were changed.")
    unchanged: int = strawberry.field(description="Media that were already as they are to be.")
    failed: int = strawberry.field(description="Items that could not be done: nothing of them is stored.")


def load_media(result: UpsertResult, context: Any, arguments: Any) -> Load | None:
    return None if result.number is None else Load(Loaders.media_by_id, result.number)


@strawberry.type(description="What became of one item of an upsert.")
class UpsertResult:
    number: strawberry.Private[int | None]
    index: int = strawberry.field(description="Place of the item in what was given, from 0.")
    status: Status = strawberry.field(description="What became of it.")
    fields: list[str] = strawberry.field(description="The fields and lists of a media that were changed.")
    code: str | None = strawberry.field(description="Of a failed item, one of the codes of docs/errors.md.")
    message: str | None = strawberry.field(description="Of a failed item, what is wrong and what to do.")
    path: str | None = strawberry.field(description="Of a failed item, where in it the fault is: credits.3.person.")
    media: Media | None = declared(
        Declaration("lookup", target=load_media), {}, "The media, read after the change; null where there is none."
    )


@strawberry.type(description="What an upsert has come to: what failed is as it was, the rest is stored.")
class UpsertPayload:
    counts: UpsertCounts = strawberry.field(description="How many items came to what.")
    results: list[UpsertResult] = strawberry.field(description="One for each item, in the order given.")


def path_of(result: Result) -> str | None:
    """Where in an item a fault is, in clients' names: credits.3.person."""
    names = called(INPUTS[str(result.path[0])]) if result.path and result.path[0] in INPUTS else {}
    parts = [names.get(one) or client_name(one) if isinstance(one, str) else str(one) for one in result.path]
    return ".".join(parts) or None


def to_result(result: Result) -> UpsertResult:
    """A result as clients see it."""
    return UpsertResult(
        number=None if result.status is Status.FAILED else result.media,
        index=result.place,
        status=result.status,
        fields=list(result.fields),
        code=result.code,
        message=result.message,
        path=path_of(result),
    )


async def upsert(
    self: Any,
    info: strawberry.Info[Any, Any],
    items: Annotated[list[MediaUpsert], strawberry.argument(description="The media, at most 500.")],
    match_by: Annotated[
        list[MatchBy],
        strawberry.argument(description="By what items find their media; the first key that finds one decides."),
    ] = DEFAULT_ORDER,  # type: ignore[assignment]
    on_conflict: Annotated[
        OnConflict, strawberry.argument(description="What is done with a media that is there.")
    ] = OnConflict.REPLACE,
) -> UpsertPayload | None:
    check_batch_size(items, "media")
    read: list[Item] = []
    turns = LoopYield()
    for place, one in enumerate(items):
        await turns.maybe_yield()
        read.append(read_item(place, one))
    results = await run_edit(
        info,
        "upsert_media",
        read,
        lambda writer: upsert_media(writer, read, match_by=match_by, on_conflict=on_conflict),
    )
    counts = tally(results)
    return UpsertPayload(
        counts=UpsertCounts(**{status.value.lower(): counts[status] for status in Status}),
        results=[to_result(result) for result in results],
    )


@strawberry.type
class UpsertMutation:
    """Upserts of media."""

    upsert_media: UpsertPayload | None = strawberry.mutation(
        resolver=upsert,
        description="Makes media, or changes those that are there, with all that hangs on them; sent twice, nothing"
        " changes the second time.",
        metadata={
            TARGETS: Targets(
                "items", things=("lockedFields", *(client_name(name) for name in LISTS if name not in SINGLE))
            )
        },
    )
