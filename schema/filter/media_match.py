"""What filters say of one row of what hangs on a media: a credit, a file, a subtitle. Alias `f` in SQL."""

from __future__ import annotations

import strawberry

from domain.bounds import MILLISECONDS, MUSIC_MILLISECONDS, TEMPO_HUNDREDTHS
from loaders.sql.named_condition import CHANNEL_NAMES, GROUP_NAMES, PERSON_NAMES
from schema.artwork import ArtworkType
from schema.core.download import DownloadState
from schema.credit import CreditRole
from schema.filter.predicate import (
    FloatRange,
    IntRange,
    TextFilter,
    TimeRange,
    asked,
    chosen,
    exactly,
    is_so,
    numbers,
    scaled,
    texts,
    times,
)
from schema.filter.relation_filter import NameOrId, one_named
from schema.release import ReleaseState
from schema.thumbnail import ThumbnailState


@strawberry.input(description="Conditions on one credit; all given ones hold together.")
class CreditMatch:
    person: NameOrId | None = asked(one_named("f.person_id", PERSON_NAMES, "person"), "The person.")
    roles: list[CreditRole] | None = asked(chosen("f.role"), "In one of these roles.")
    character: TextFilter | None = asked(
        texts("f.folded_character", written="f.character"), "The part that was played; case and accents do not matter."
    )


@strawberry.input(description="Conditions on one id at another service; all given ones hold together.")
class ExternalIdMatch:
    source: TextFilter | None = asked(exactly("f.source"), "Who gave it.")
    value: TextFilter | None = asked(exactly("f.value"), "The id at that source.")


@strawberry.input(description="Conditions on one picture; all given ones hold together.")
class ArtworkMatch:
    types: list[ArtworkType] | None = asked(chosen("f.type"), "It is for one of these.")
    states: list[DownloadState] | None = asked(chosen("f.state"), "The download of its file is in one of these states.")
    width: IntRange | None = asked(numbers("f.width"), "Width in pixels.")
    height: IntRange | None = asked(numbers("f.height"), "Height in pixels.")


@strawberry.input(description="Conditions on one other title; all given ones hold together.")
class AliasMatch:
    title: TextFilter | None = asked(texts("f.folded_title"), "The title; case and accents do not matter.")
    language: TextFilter | None = asked(exactly("f.language"), "Its language.")


@strawberry.input(description="Conditions on one tagline; all given ones hold together.")
class TaglineMatch:
    text: TextFilter | None = asked(texts("f.folded_text"), "Its text; case and accents do not matter.")


@strawberry.input(description="Conditions on one category and its value; all given ones hold together.")
class CategoryMatch:
    category: TextFilter | None = asked(exactly("f.category"), "The category.")
    value: TextFilter | None = asked(exactly("f.value"), "The value in it.")


@strawberry.input(description="Conditions on one process; all given ones hold together.")
class ProcessMatch:
    process: TextFilter | None = asked(exactly("f.process"), "Its name.")
    processed_at: TimeRange | None = asked(times("f.processed_at"), "When it was last done.")


@strawberry.input(description="Conditions on one file; all given ones hold together.")
class FileMatch:
    path: TextFilter | None = asked(exactly("f.path"), "Its path.")
    name: TextFilter | None = asked(exactly("f.name"), "Its name.")
    container: TextFilter | None = asked(exactly("f.container"), "Its container.")
    manufacturer: TextFilter | None = asked(exactly("f.manufacturer"), "Who made it.")
    collection: TextFilter | None = asked(exactly("f.collection"), "The collection that it came in.")
    megabytes: FloatRange | None = asked(scaled("f.size", 1_000_000, "bigint"), "Its size in millions of bytes.")
    modified_at: TimeRange | None = asked(times("f.modified_at"), "When it was last changed.")
    width: IntRange | None = asked(numbers("f.width"), "Width in pixels.")
    height: IntRange | None = asked(numbers("f.height"), "Height in pixels.")
    duration_seconds: FloatRange | None = asked(scaled("f.duration_ms", MILLISECONDS.parts), "How long it is.")


@strawberry.input(description="Conditions on one subtitle; all given ones hold together.")
class SubtitleMatch:
    languages: list[str] | None = asked(chosen("f.language"), "In one of these languages.")
    states: list[DownloadState] | None = asked(chosen("f.state"), "Its download is in one of these states.")
    formats: list[str] | None = asked(chosen("f.format"), "In one of these formats.")
    is_forced: bool | None = asked(
        is_so("f.is_forced"), "Whether it only translates what is foreign in the film itself."
    )
    is_for_hearing_impaired: bool | None = asked(
        is_so("f.is_for_hearing_impaired"), "Whether it tells of sounds as well."
    )


@strawberry.input(description="Conditions on one thumbnail; all given ones hold together.")
class ThumbnailMatch:
    states: list[ThumbnailState] | None = asked(chosen("f.state"), "It is in one of these states.")


@strawberry.input(description="Conditions on one release; all given ones hold together.")
class ReleaseMatch:
    name: TextFilter | None = asked(texts("f.folded_name"), "Its name; case and accents do not matter.")
    categories: list[str] | None = asked(chosen("f.category"), "In one of these categories.")
    states: list[ReleaseState] | None = asked(chosen("f.state"), "In one of these states.")
    group: NameOrId | None = asked(
        one_named("f.release_group_id", GROUP_NAMES, "release_group"), "The group that it belongs to."
    )
    published_at: TimeRange | None = asked(times("f.published_at"), "When it was published.")


@strawberry.input(description="Conditions on the musical facts of a media; all given ones hold together.")
class MusicMatch:
    tempo: FloatRange | None = asked(scaled("f.tempo_hundredths", TEMPO_HUNDREDTHS.parts), "Beats a minute.")
    key_signatures: list[str] | None = asked(chosen("f.key_signature"), "In one of these keys, such as C major.")
    time_signatures: list[str] | None = asked(chosen("f.time_signature"), "In one of these metres, such as 6/8.")
    tracks: IntRange | None = asked(numbers("f.track_count"), "How many tracks it has.")
    notes: IntRange | None = asked(numbers("f.note_count"), "How many notes it has.")
    duration_seconds: FloatRange | None = asked(
        scaled("f.duration_ms", MUSIC_MILLISECONDS.parts, "bigint"), "How long it is."
    )


@strawberry.input(description="Conditions on the facts of a clip; all given ones hold together.")
class ClipMatch:
    channel: NameOrId | None = asked(
        one_named("f.channel_id", CHANNEL_NAMES, "channel"), "The TV channel that it was made for."
    )
    duration_seconds: FloatRange | None = asked(scaled("f.duration_ms", MILLISECONDS.parts), "How long it is.")
    megabytes: FloatRange | None = asked(scaled("f.size", 1_000_000, "bigint"), "Its size in millions of bytes.")
