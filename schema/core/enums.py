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
    HistoryEventType,
    JobStatus,
    MediaKind,
    ReleaseState,
    ThumbnailState,
)

__all__ = [
    "ArtworkType",
    "ChangeType",
    "CollectionKind",
    "CreditRole",
    "DownloadState",
    "HistoryEventType",
    "JobStatus",
    "MediaKind",
    "ReleaseState",
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
    TRACK="A piece of music, MIDI files among them.",
)

describe(
    CollectionKind,
    "What sort of collection it is.",
    MANUFACTURER="What a manufacturer has published together.",
    BOX_SET="Works that are sold in one box.",
    PLAYLIST="Somebody's choice, to be played in order.",
    SERIES="Works that follow each other.",
    OTHER="Anything else.",
)

describe(
    CreditRole,
    "What a person did.",
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
    POSTER="Upright, with the title.",
    BACKDROP="Wide, to stand behind text.",
    THUMBNAIL="Small, for lists.",
    LOGO="The title as a drawing.",
)

describe(
    DownloadState,
    "How far the download of a file has come.",
    WANTED="It is to be fetched.",
    DOWNLOADING="It is being fetched.",
    DOWNLOADED="Its file is there.",
    FAILED="It could not be fetched.",
)

describe(
    ThumbnailState,
    "How far the making of a thumbnail has come.",
    PENDING="It is to be made.",
    READY="Its file is there.",
    FAILED="It could not be made.",
)

describe(
    ReleaseState,
    "How far a release has come.",
    NEW="Found, not analysed yet.",
    ANALYSED="Analysed.",
    FAILED="Could not be analysed: failure says why.",
)

describe(
    JobStatus,
    "How far a run of a job has come.",
    QUEUED="Waits for its turn.",
    RUNNING="Is at work.",
    SUCCEEDED="Came to its end, though single items may have failed.",
    FAILED="Was given up: error says why.",
    CANCELLED="Was called off.",
)

describe(
    ChangeType,
    "What became of a media.",
    CREATED="It is new, and was not changed since.",
    UPDATED="It, or what it carries, was changed; you may not know it yet.",
    DELETED="It is gone.",
)

describe(
    HistoryEventType,
    "What happened to a media.",
    CREATED="It was added to the catalogue.",
    UPDATED="Its own fields were changed.",
    DELETED="It was deleted.",
    TAGGED="Its tags were changed.",
    GENRES_CHANGED="Its genres were changed.",
    CHANNELS_CHANGED="Its channels were changed.",
    CATEGORIES_CHANGED="Its categories were changed.",
    PROCESSED="It was processed.",
    IMPORTED="It came or was changed by an import.",
    DOWNLOADED="Something of it was downloaded.",
    FAILED="Something could not be done with it.",
)
