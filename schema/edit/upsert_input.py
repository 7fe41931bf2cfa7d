"""What an upsert is given: the inputs of a media with all that hangs on it, and the catalogue's form of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import strawberry
from strawberry import UNSET

from catalog.media_values import client_name
from catalog.upsert import item
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON, LONG_NAME_LETTERS, MILLISECONDS, TEMPO_HUNDREDTHS
from domain.enums import ArtworkType, CreditRole, DownloadState, ReleaseState, ThumbnailState
from domain.errors import CatalogError, Code
from domain.memberships import MEMBERSHIPS
from schema.core.node import decode_id
from schema.core.scalars import BigInt
from schema.core.times import time_to_store
from schema.edit.membership_edit import CategoryInput, IdOrName

COLUMN = "column"  # in a field's metadata: the column that its value goes to, and how it is read
ReadValue = Callable[[Any], Any]


def of(column: str, description: str, read: ReadValue | None = None, *, required: bool = False) -> Any:
    """A field of an input whose value goes to a column; where it is left out, what is there stays."""
    metadata = {COLUMN: (column, read)}
    if required:
        return strawberry.field(description=description, metadata=metadata)
    return strawberry.field(default=UNSET, description=description, metadata=metadata)


def id_or_name(noun: str) -> ReadValue:
    """An id, or a name as it was written."""

    def read(given: IdOrName) -> int | str:
        return given.name if isinstance(given.name, str) else decode_id(given.id or "", noun)

    return read


def in_parts(parts: int, what: str) -> ReadValue:
    """A number in the parts in which it is stored; BAD_ARGUMENT where it has more decimals."""

    def read(value: float) -> int:
        found = round(max(-1e15, min(1e15, value)) * parts)
        if abs(value * parts - found) > 1e-6 * max(1, abs(found)):
            raise CatalogError(Code.BAD_ARGUMENT, f"{what} has at most {len(str(parts)) - 1} decimals.")
        return found

    return read


def word(value: Any) -> Any:
    return value.value


SECONDS = in_parts(MILLISECONDS.parts, "A number of seconds")
TEMPO = in_parts(TEMPO_HUNDREDTHS.parts, "tempo")


def same(given: Any) -> Any:
    return given


@strawberry.input(description="Another title of a media.")
class AliasInput:
    title: str = of("title", "The title, 1 to 500 letters.", required=True)
    language: str | None = of("language", "Its language.")


@strawberry.input(description="What another service calls a media or a person.")
class ExternalIdInput:
    source: str = of("source", "Who gave the id, for example imdb; 1 to 50 letters without a colon.", required=True)
    value: str = of("value", "The id at that source.", required=True)


@strawberry.input(
    description="A person by id or name, by external ids, or by both. An external id that is known finds the person,"
    " whatever the name; one that is not is given to whom the id or name finds or makes. A name does not find somebody"
    " whom the same source calls by another id: that makes another person of the name."
)
class PersonKey:
    id: strawberry.ID | None = strawberry.field(default=UNSET, description="Their global id.")
    name: str | None = strawberry.field(
        default=UNSET,
        description=f"Their name, 1 to {LONG_NAME_LETTERS} letters; case and accents do not matter. One that nobody has"
        " makes a new one, and one that several have is AMBIGUOUS.",
    )
    external_ids: list[ExternalIdInput] | None = strawberry.field(
        default=UNSET, description=f"Their ids at other services, at most {EXTERNAL_IDS_OF_A_PERSON}."
    )


def read_person(given: PersonKey) -> item.PersonKey | int | str:
    """BAD_ID, BAD_ARGUMENT."""
    named = [one for one in (given.id, given.name) if isinstance(one, str)]
    ids = tuple((one.source, one.value) for one in given.external_ids or ())
    if len(named) > 1 or not (named or ids):
        raise CatalogError(Code.BAD_ARGUMENT, "A person is given by an id or a name, by externalIds, or by both.")
    person = decode_id(given.id, "person") if isinstance(given.id, str) else given.name or None
    return item.PersonKey(person, ids) if ids or person is None else person


@strawberry.input(description="What a person did on a media.")
class CreditInput:
    person: PersonKey = of("person_id", "The person.", read_person, required=True)
    role: CreditRole = of("role", "What the person did.", word, required=True)
    job: str | None = of("job", "The same in the crew's words.")
    character: str | None = of("character", "The part that an actor played.")
    position: int | None = of("position", "Place in the billing order, from 0; its place in the list if not given.")


@strawberry.input(description="A collection that a media is in.")
class CollectionEntryInput:
    collection: IdOrName = of(
        "collection_id",
        "The collection; a name that none has makes a new one.",
        id_or_name("collection"),
        required=True,
    )
    position: int | None = of("position", "Its place in the collection, from 0; the last one if not given.")


@strawberry.input(description="A picture of a media.")
class ArtworkInput:
    type: ArtworkType = of("type", "What it is for.", word, required=True)
    url: str = of("url", "Its address, by which it is found again.", required=True)
    width: int | None = of("width", "Width in pixels.")
    height: int | None = of("height", "Height in pixels.")
    state: DownloadState | None = of("state", "The state of its download.", word)
    path: str | None = of("path", "Path of its file, once it is downloaded.")


@strawberry.input(description="A file of a media.")
class FileInput:
    path: str = of("path", "Where it is: no two files have the same path.", required=True)
    name: str | None = of("name", "Its name; the last part of the path if not given.")
    size: BigInt = of("size", "Its size in bytes.", required=True)
    modified_at: datetime = of("modified_at", "When it was last written to.", time_to_store, required=True)
    hash: str | None = of("hash", "Hash of what is in it.")
    container: str | None = of("container", "Its format: mp4, mkv, mid.")
    codecs: list[str] | None = of("codecs", "Codecs of its streams, in their order.")
    width: int | None = of("width", "Width in pixels.")
    height: int | None = of("height", "Height in pixels.")
    duration_ms: int | None = of("duration_ms", "How long it plays, in milliseconds.")
    manufacturer: str | None = of("manufacturer", "Whose instrument or device it was made for or with.")
    collection: str | None = of("collection", "The collection that it came with.")


@strawberry.input(description="Subtitles of a media in one language.")
class SubtitleInput:
    language: str = of("language", "Their language as a BCP 47 tag: en, pt-BR.", required=True)
    format: str | None = of("format", "The format of the file, for example srt.")
    path: str | None = of("path", "Path of the file, once it is downloaded.")
    url: str | None = of("url", "Where they are fetched from.")
    is_forced: bool | None = of("is_forced", "Whether they hold only what is foreign to the media's language.")
    is_for_hearing_impaired: bool | None = of("is_for_hearing_impaired", "Whether they tell of sounds, too.")
    state: DownloadState | None = of("state", "The state of their download.", word)


@strawberry.input(description="A tempo that a piece of music has from some time on.")
class TempoChangeInput:
    at_seconds: float = strawberry.field(description="Seconds from the start, to the millisecond.")
    tempo: float = strawberry.field(description="Beats a minute, two decimals.")


@strawberry.input(description="A key that a piece of music has from some time on.")
class KeySignatureChangeInput:
    at_seconds: float = strawberry.field(description="Seconds from the start, to the millisecond.")
    key_signature: str = strawberry.field(description='The key, as "C major" or "F# minor".')


@strawberry.input(description="A time signature that a piece of music has from some time on.")
class TimeSignatureChangeInput:
    at_seconds: float = strawberry.field(description="Seconds from the start, to the millisecond.")
    time_signature: str = strawberry.field(description='As "4/4" or "6/8".')


def changes_from(name: str, read: ReadValue) -> ReadValue:
    """Changes as pairs of milliseconds and what their field `name` says."""
    return lambda given: [(SECONDS(one.at_seconds), read(getattr(one, name))) for one in given]


@strawberry.input(description="What is known of a media as music.")
class MusicInput:
    tempo: float | None = of("tempo_hundredths", "Beats a minute, two decimals.", TEMPO)
    key_signature: str | None = of("key_signature", 'Its key, as "C major" or "F# minor".')
    time_signature: str | None = of("time_signature", 'Its time, as "4/4" or "6/8".')
    track_count: int | None = of("track_count", "Number of tracks within it.")
    note_count: int | None = of("note_count", "Number of notes.")
    duration_seconds: float | None = of("duration_ms", "Playing time in seconds, three decimals.", SECONDS)
    programs: list[int] | None = of("programs", "Its instruments: programs of General MIDI, from 0 to 127.")
    tempo_changes: list[TempoChangeInput] | None = of(
        "tempo_changes", "Its tempos, at most 1,000, the first one included.", changes_from("tempo", TEMPO)
    )
    key_signature_changes: list[KeySignatureChangeInput] | None = of(
        "key_signature_changes", "Its keys, at most 1,000, the first one included.", changes_from("key_signature", same)
    )
    time_signature_changes: list[TimeSignatureChangeInput] | None = of(
        "time_signature_changes",
        "Its time signatures, at most 1,000, the first one included.",
        changes_from("time_signature", same),
    )


@strawberry.input(description="What is known of the file behind a clip.")
class ClipInput:
    channel: IdOrName | None = of("channel_id", "The TV channel that it was made for.", id_or_name("channel"))
    duration_seconds: float | None = of("duration_ms", "How long it is, to the millisecond.", SECONDS)
    size: BigInt | None = of("size", "Size of its file in bytes.")
    source_url: str | None = of("source_url", "Where it is fetched from.")


@strawberry.input(description="A frame of a media, as a small picture.")
class ThumbnailInput:
    offset_seconds: float = of(
        "offset_ms", "Where in the media the frame stands, to the millisecond.", SECONDS, required=True
    )
    state: ThumbnailState | None = of("state", "The state of its making.", word)
    path: str | None = of("path", "Path of its file, once it is ready.")
    width: int | None = of("width", "Width in pixels.")
    height: int | None = of("height", "Height in pixels.")
    error: str | None = of("error", "Why it could not be made, in words.")


@strawberry.input(description="A release of a media.")
class ReleaseInput:
    name: str = of("name", "Its name as it was published.", required=True)
    category: str = of("category", "The provider's category.", required=True)
    group: IdOrName | None = of("release_group_id", "Who published it.", id_or_name("release_group"))
    size: BigInt | None = of("size", "Size in bytes.")
    state: ReleaseState | None = of("state", "Its state.", word)
    failure: str | None = of("failure", "Why it could not be analysed.")
    published_at: datetime | None = of("published_at", "When it was published.", time_to_store)
    analysed_at: datetime | None = of("analysed_at", "When it was last analysed.", time_to_store)
    nuke_reason: str | None = of("nuke_reason", "Why it was declared bad.")
    completeness: int | None = of("completeness", "Percent of it that a release index has.")


@lru_cache
def columns_of(cls: Hashable) -> list[tuple[str, str, ReadValue | None]]:
    """Of an input: attribute, column, and how its value is read."""
    definition: Any = cls
    fields = definition.__strawberry_definition__.fields
    return [(one.python_name, *one.metadata[COLUMN]) for one in fields]


def element_of(given: Any, path: list[str | int]) -> dict[str, Any]:
    """What an input gives, by column; `path` is left at the field that an error is about."""
    found: dict[str, Any] = {}
    cls: Any = given.__class__
    for name, column, read in columns_of(cls):
        value = getattr(given, name)
        if value is UNSET:
            continue
        try:
            found[column] = value if value is None or read is None else read(value)
        except CatalogError:
            path.append(column)
            raise
    return found


def pair_of(given: CategoryInput) -> dict[str, Any]:
    return {"category": given.category, "value": given.value}


@lru_cache
def called(cls: Hashable) -> Mapping[str, str]:
    """What clients call the columns of an input."""
    return {column: client_name(name) for name, column, _ in columns_of(cls)}


# The inputs of the elements of lists, where they are objects with columns.
INPUTS: Mapping[str, Any] = dict(  # noqa: C408
    aliases=AliasInput,
    external_ids=ExternalIdInput,
    collections=CollectionEntryInput,
    credits=CreditInput,
    artwork=ArtworkInput,
    files=FileInput,
    subtitles=SubtitleInput,
    music=MusicInput,
    clip=ClipInput,
    thumbnails=ThumbnailInput,
    releases=ReleaseInput,
)

# How the elements of the other lists of an item are read.
READ_ELEMENT: Mapping[str, ReadValue] = {
    **{one.plural: id_or_name(one.noun) for one in MEMBERSHIPS},
    "taglines": same,
    "categories": pair_of,
}
