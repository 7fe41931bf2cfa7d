"""What filters say of one row of what belongs to a media: a credit, a file, a subtitle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import strawberry

from domain.media_lists import MediaList
from loaders.artwork import ArtworkAttributes
from loaders.categorisation import CategorisationAttributes
from loaders.clip import ClipAttributes
from loaders.credit import CreditAttributes
from loaders.external_id import ExternalIdAttributes
from loaders.media_alias import MediaAliasAttributes
from loaders.media_file import MediaFileAttributes
from loaders.music import MusicAttributes
from loaders.process_timestamp import ProcessTimestampAttributes
from loaders.registry import ATTRIBUTES
from loaders.release import ReleaseAttributes
from loaders.sql.attribute import Attribute, Attributes, Text, Word
from loaders.subtitle import SubtitleAttributes
from loaders.thumbnail import ThumbnailAttributes
from schema.core.enums import ArtworkType, CreditRole, DownloadState, ReleaseState, ThumbnailState
from schema.filter.name_or_id import NameOrId
from schema.filter.predicate import predicate, read_as, said_of
from schema.filter.value_filter import FloatRange, IntRange, TextFilter, TimeRange


@strawberry.input(description="Conditions on one credit; all given ones hold together.")
class CreditMatch:
    person: NameOrId | None = predicate(CreditAttributes.person, "The person.")
    roles: list[CreditRole] | None = predicate(CreditAttributes.role, "In one of these roles.")
    character: TextFilter | None = predicate(
        CreditAttributes.character, "The character that was played; case and accents do not matter."
    )


@strawberry.input(description="Conditions on one id at another service; all given ones hold together.")
class ExternalIdMatch:
    source: TextFilter | None = predicate(ExternalIdAttributes.source, "The service, for example imdb.")
    value: TextFilter | None = predicate(ExternalIdAttributes.value, "The id at that service.")


@strawberry.input(description="Conditions on one picture; all given ones hold together.")
class ArtworkMatch:
    types: list[ArtworkType] | None = predicate(ArtworkAttributes.type, "It is for one of these.")
    states: list[DownloadState] | None = predicate(
        ArtworkAttributes.state, "The download of its file is in one of these states."
    )
    width: IntRange | None = predicate(ArtworkAttributes.width, "Width in pixels.")
    height: IntRange | None = predicate(ArtworkAttributes.height, "Height in pixels.")


@strawberry.input(description="Conditions on one other title; all given ones hold together.")
class AliasMatch:
    title: TextFilter | None = predicate(MediaAliasAttributes.title, "The title; case and accents do not matter.")
    language: TextFilter | None = predicate(MediaAliasAttributes.language, "Its language.")


@strawberry.input(description="Conditions on one category and its value; all given ones hold together.")
class CategoryMatch:
    category: TextFilter | None = predicate(CategorisationAttributes.category, "The category.")
    value: TextFilter | None = predicate(CategorisationAttributes.value, "The value in it.")


@strawberry.input(description="Conditions on one process; all given ones hold together.")
class ProcessMatch:
    process: TextFilter | None = predicate(ProcessTimestampAttributes.process, "Its name.")
    processed_at: TimeRange | None = predicate(ProcessTimestampAttributes.processed_at, "When it was last done.")


@strawberry.input(description="Conditions on one file; all given ones hold together.")
class FileMatch:
    path: TextFilter | None = predicate(MediaFileAttributes.path, "Its path.")
    name: TextFilter | None = predicate(MediaFileAttributes.name, "Its name.")
    container: TextFilter | None = predicate(MediaFileAttributes.container, "Its container.")
    manufacturer: TextFilter | None = predicate(MediaFileAttributes.manufacturer, "Its manufacturer.")
    collection: TextFilter | None = predicate(MediaFileAttributes.collection, "The collection that it came in.")
    megabytes: FloatRange | None = predicate(MediaFileAttributes.megabytes, "Its size in millions of bytes.")
    modified_at: TimeRange | None = predicate(MediaFileAttributes.modified_at, "When it was last changed.")
    width: IntRange | None = predicate(MediaFileAttributes.width, "Width in pixels.")
    height: IntRange | None = predicate(MediaFileAttributes.height, "Height in pixels.")
    duration_seconds: FloatRange | None = predicate(MediaFileAttributes.duration_seconds, "How long it is.")


@strawberry.input(description="Conditions on one subtitle; all given ones hold together.")
class SubtitleMatch:
    languages: list[str] | None = predicate(SubtitleAttributes.language, "In one of these languages.")
    states: list[DownloadState] | None = predicate(SubtitleAttributes.state, "Its download is in one of these states.")
    formats: list[str] | None = predicate(SubtitleAttributes.format, "In one of these formats.")
    is_forced: bool | None = predicate(
        SubtitleAttributes.is_forced, "Whether it only translates what is spoken in another language."
    )
    is_for_hearing_impaired: bool | None = predicate(
        SubtitleAttributes.is_for_hearing_impaired, "Whether it also describes sounds."
    )


@strawberry.input(description="Conditions on one thumbnail; all given ones hold together.")
class ThumbnailMatch:
    states: list[ThumbnailState] | None = predicate(ThumbnailAttributes.state, "It is in one of these states.")


@strawberry.input(description="Conditions on one release; all given ones hold together.")
class ReleaseMatch:
    name: TextFilter | None = predicate(ReleaseAttributes.name, "Its name; case and accents do not matter.")
    categories: list[str] | None = predicate(ReleaseAttributes.category, "In one of these categories.")
    states: list[ReleaseState] | None = predicate(ReleaseAttributes.state, "In one of these states.")
    group: NameOrId | None = predicate(ReleaseAttributes.group, "The group that it belongs to.")
    published_at: TimeRange | None = predicate(ReleaseAttributes.published_at, "When it was published.")


@strawberry.input(description="Conditions on the musical properties of a media; all given ones hold together.")
class MusicMatch:
    tempo: FloatRange | None = predicate(MusicAttributes.tempo, "Beats a minute.")
    key_signatures: list[str] | None = predicate(
        MusicAttributes.key_signature, "In one of these keys, such as C major."
    )
    time_signatures: list[str] | None = predicate(
        MusicAttributes.time_signature, "In one of these time signatures, such as 6/8."
    )
    tracks: IntRange | None = predicate(MusicAttributes.track_count, "How many tracks it has.")
    programs: list[int] | None = predicate(
        MusicAttributes.programs, "It has one of these programs (instruments of General MIDI, from 0 to 127)."
    )
    notes: IntRange | None = predicate(MusicAttributes.note_count, "How many notes it has.")
    duration_seconds: FloatRange | None = predicate(MusicAttributes.duration_seconds, "How long it is.")


@strawberry.input(description="Conditions on the properties of a clip; all given ones hold together.")
class ClipMatch:
    channel: NameOrId | None = predicate(ClipAttributes.channel, "The TV channel that it was made for.")
    duration_seconds: FloatRange | None = predicate(ClipAttributes.duration_seconds, "How long it is.")
    megabytes: FloatRange | None = predicate(ClipAttributes.megabytes, "Its size in millions of bytes.")


# Of lists of whose attributes more is to be said than their names; those of other lists are made.
WRITTEN: Mapping[type[Attributes], type] = {
    ArtworkAttributes: ArtworkMatch,
    CategorisationAttributes: CategoryMatch,
    ExternalIdAttributes: ExternalIdMatch,
    MediaAliasAttributes: AliasMatch,
    MediaFileAttributes: FileMatch,
    ProcessTimestampAttributes: ProcessMatch,
    SubtitleAttributes: SubtitleMatch,
    ThumbnailAttributes: ThumbnailMatch,
}


@cache
def match_of(one: MediaList) -> type:
    """What filters say of one row of a list."""
    attributes = ATTRIBUTES[one.table]
    return WRITTEN.get(attributes) or made_match(one, attributes)


def made_match(one: MediaList, attributes: type[Attributes]) -> type:
    """An input type with a field for each attribute: TaglineMatch, with `text`."""
    made = {name: at for name, at in vars(attributes).items() if isinstance(at, Attribute)}
    names = {name: f"{name}s" if isinstance(at, Word) else name for name, at in made.items()}
    members = {
        "__module__": __name__,
        "__annotations__": {names[name]: said_of(at) for name, at in made.items()},
        **{names[name]: predicate(read_as(at), description_of(name, at)) for name, at in made.items()},
    }
    noun = one.noun.replace("_", " ")
    description = f"Conditions on one {noun}; all given ones hold together."
    return strawberry.input(type(f"{one.type_name}Match", (), members), description=description)


def description_of(name: str, attribute: Attribute) -> str:
    if isinstance(attribute, Word):
        return f"Its {name.replace('_', ' ')} is one of these."
    more = "; case and accents do not matter" if isinstance(attribute, Text) else ""
    return f"Its {name.replace('_', ' ')}{more}."
