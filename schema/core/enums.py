"""The catalogue's enums as clients see them: which words there are stands in domain/enums.py, here what they mean."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import strawberry

from domain.enums import (
    ArtworkType,
    ChangeType,
    CollectionKind,
    CreditRole,
    DownloadState,
    HighlightField,
    HistoryEventType,
    JobAction,
    JobLogLevel,
    JobStatus,
    JobStopRequest,
    MediaKind,
    MetadataField,
    MetadataPolicy,
    ReleaseState,
    SearchCorrect,
    SearchType,
    ThumbnailState,
)
from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS
from schema.core.membership_fields import either

__all__ = [
    "ArtworkType",
    "ChangeType",
    "CollectionKind",
    "CreditRole",
    "DownloadState",
    "HighlightField",
    "HistoryEventType",
    "JobAction",
    "JobLogLevel",
    "JobStatus",
    "JobStopRequest",
    "MediaKind",
    "MetadataField",
    "MetadataPolicy",
    "ReleaseState",
    "SearchCorrect",
    "SearchType",
    "ThumbnailState",
    "describe",
]

E = TypeVar("E", bound=type[StrEnum])


def describe(enum: E, description: str, *, name: str | None = None, **values: str) -> E:
    """Makes a Python enum a GraphQL enum. `values`: what each member means, by its name; TypeError for one that lacks
    its words, or is none."""
    if (differing := values.keys() ^ enum.__members__.keys()) != set():
        raise TypeError(f"{enum.__name__}: descriptions and members differ in {sorted(differing)}.")
    described: E = strawberry.enum(enum, name=name, description=description)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return described


describe(
    MediaKind,
    "What a media is.",
    MOVIE="A film.",
    SERIES="A series of seasons.",
    SEASON="A season of a series.",
    EPISODE="An episode of a season.",
    CLIP="A short video.",
    TRACK="A piece of music, for example a MIDI file.",
)

describe(
    CollectionKind,
    "The kind of collection.",
    MANUFACTURER="Works that a manufacturer published together.",
    BOX_SET="Works sold in one box.",
    PLAYLIST="A selection to be played in order.",
    SERIES="Works that form a sequence.",
    OTHER="Anything else.",
)

describe(
    CreditRole,
    "The role of a person.",
    ACTOR="Played a part.",
    DIRECTOR="Directed.",
    WRITER="Wrote.",
    PRODUCER="Produced.",
    COMPOSER="Composed the music.",
    OTHER="Anything else.",
)

describe(
    ArtworkType,
    "What a picture is for.",
    POSTER="Portrait format, with the title.",
    BACKDROP="Wide, used as a background.",
    THUMBNAIL="Small, used in lists.",
    LOGO="The title as a graphic.",
)

describe(
    DownloadState,
    "State of the download of a file.",
    WANTED="Waiting to be downloaded.",
    DOWNLOADING="Being downloaded.",
    DOWNLOADED="The file is available.",
    FAILED="The download failed.",
)

describe(
    ThumbnailState,
    "State of a thumbnail.",
    PENDING="Waiting to be created.",
    READY="The file is available.",
    FAILED="It could not be created.",
)

describe(
    ReleaseState,
    "State of a release.",
    NEW="Found, not analysed yet.",
    ANALYSED="Analysed.",
    FAILED="The analysis failed: see `failure`.",
)

describe(
    JobStatus,
    "State of a run of a job.",
    QUEUED="Waiting to start.",
    RUNNING="Running.",
    PAUSED="Paused: it goes on where it stopped once it is resumed.",
    SUCCEEDED="Finished; single items may have failed.",
    FAILED="Stopped by an error: see `error`.",
    CANCELLED="Cancelled.",
)

describe(
    JobStopRequest,
    "What a run that is running is asked to do, at the end of the chunk that it is at.",
    CANCEL="To end.",
    PAUSE="To stop until it is resumed.",
)

describe(
    JobAction,
    "What can be done with a run.",
    PAUSE="`pauseJob`.",
    RESUME="`resumeJob`.",
    CANCEL="`cancelJob`.",
    RETRY="`retryJob`.",
)

describe(
    JobLogLevel,
    "How a line of a run's log is meant.",
    INFO="What was done.",
    WARNING="Something was left out, or is tried again.",
    ERROR="Something failed.",
)

# What a change of a media may be beside one of its own fields (docs/changes.md).
IN_FEED = [one.plural for one in MEMBERSHIPS] + [one.plural for one in MEDIA_LISTS if one.in_feed]

describe(
    ChangeType,
    "What kind of change it was.",
    CREATED="It was created, and not changed since.",
    UPDATED=f"It was changed, or its {either(IN_FEED)} were; it may also be new to this client.",
    DELETED="It was deleted.",
)

describe(
    HistoryEventType,
    "What happened to a media.",
    CREATED="It was added to the catalogue.",
    UPDATED="Its own fields were changed.",
    DELETED="It was deleted.",
    CATEGORIES_CHANGED="Its categories were changed.",
    PROCESSED="It was processed.",
    IMPORTED="It was created or changed by an import.",
    DOWNLOADED="A file of it was downloaded.",
    FAILED="An operation on it failed.",
    **{one.event: f"Its {one.plural} were changed." for one in MEMBERSHIPS},
)

describe(
    MetadataField,
    "What of a media a metadata service knows, and can be locked.",
    TITLE="Its title.",
    ORIGINAL_TITLE="Its title in its own language.",
    YEAR="Its year.",
    OVERVIEW="What it is about.",
    RATING="Its rating.",
    RUNTIME="Its running time.",
    TAGLINES="Its taglines.",
    GENRES="Its genres.",
    CREDITS="Who made it.",
    ARTWORK="Its pictures.",
    EXTERNAL_IDS="Its ids at other services.",
    COLLECTIONS="The collections that it is in.",
)
describe(
    MetadataPolicy,
    "What a refresh does with what a media has already.",
    FILL="It stays: only fields without a value and lists without rows are filled.",
    REPLACE="It becomes what the service says; what the service does not know stays.",
)

describe(
    SearchType,
    "What a search can find.",
    MEDIA="Media, by their titles, their people, tags and genres, what they are about, and their files.",
    PERSON="People, by their names.",
    TAG="Tags, by their names and aliases.",
    GENRE="Genres, by their names and aliases.",
    CHANNEL="TV channels, by their names and aliases.",
    COLLECTION="Collections, by their names.",
)
describe(
    SearchCorrect,
    "When a search also reads words that differ in a letter or two.",
    AUTO="Where there is little that has the words as they were written.",
    ALWAYS="Always, below what has the words as they were written.",
    NEVER="Never.",
)

describe(
    HighlightField,
    "Where words of a search were found.",
    TITLE="In the title of a media.",
    ORIGINAL_TITLE="In its title in its own language.",
    ALIAS="In another title of a media, or another name of a tag, genre or channel.",
    NAME="In the name of what was found.",
    PERSON="In the name of a person who made it.",
    TAG="In the name of a tag of it.",
    GENRE="In the name of a genre of it.",
    CHANNEL="In the name of a TV channel that it is on.",
    COLLECTION="In the name of a collection that it is in.",
    OVERVIEW="In what it is about.",
    FILE="In the name of a file of it.",
)
