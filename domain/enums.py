"""The catalogue's closed sets of words: kinds, states, roles and types, declared once for the database, the edits and
the schema.

Each member's value is its name, as it is stored. A test holds each against the check of its column in the database."""

from __future__ import annotations

from enum import StrEnum

from domain.file_type import FileType
from domain.memberships import MEMBERSHIPS


class MediaKind(StrEnum):
    """What a media is."""

    MOVIE = "MOVIE"
    SERIES = "SERIES"
    SEASON = "SEASON"
    EPISODE = "EPISODE"
    CLIP = "CLIP"
    TRACK = "TRACK"


class CollectionKind(StrEnum):
    """What sort of collection it is."""

    MANUFACTURER = "MANUFACTURER"
    BOX_SET = "BOX_SET"
    PLAYLIST = "PLAYLIST"
    SERIES = "SERIES"
    OTHER = "OTHER"


class CreditRole(StrEnum):
    """What a person did on a media."""

    ACTOR = "ACTOR"
    DIRECTOR = "DIRECTOR"
    WRITER = "WRITER"
    PRODUCER = "PRODUCER"
    COMPOSER = "COMPOSER"
    OTHER = "OTHER"


class ArtworkType(StrEnum):
    """What a picture is for."""

    POSTER = "POSTER"
    BACKDROP = "BACKDROP"
    THUMBNAIL = "THUMBNAIL"
    LOGO = "LOGO"


class DownloadState(StrEnum):
    """How far the download of a file has come: of artwork and of subtitles."""

    WANTED = "WANTED"
    DOWNLOADING = "DOWNLOADING"
    DOWNLOADED = "DOWNLOADED"
    FAILED = "FAILED"


class ThumbnailState(StrEnum):
    """How far the making of a thumbnail has come."""

    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"


class ReleaseState(StrEnum):
    """How far a release has come."""

    NEW = "NEW"
    ANALYSED = "ANALYSED"
    FAILED = "FAILED"


class MetadataField(StrEnum):
    """What of a media a metadata service knows, and can be locked."""

    TITLE = "TITLE"
    ORIGINAL_TITLE = "ORIGINAL_TITLE"
    YEAR = "YEAR"
    OVERVIEW = "OVERVIEW"
    RATING = "RATING"
    RUNTIME = "RUNTIME"
    TAGLINES = "TAGLINES"
    GENRES = "GENRES"
    CREDITS = "CREDITS"
    ARTWORK = "ARTWORK"
    EXTERNAL_IDS = "EXTERNAL_IDS"
    COLLECTIONS = "COLLECTIONS"


class MetadataPolicy(StrEnum):
    """What a refresh does with what a media has already."""

    FILL = "FILL"
    REPLACE = "REPLACE"


class JobStatus(StrEnum):
    """How far a run of a job has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class JobStopRequest(StrEnum):
    """What whoever runs a job is asked to do."""

    CANCEL = "CANCEL"
    PAUSE = "PAUSE"


class JobAction(StrEnum):
    """What can be done with a run of a job."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    CANCEL = "CANCEL"
    RETRY = "RETRY"


class JobLogLevel(StrEnum):
    """How a line of the log of a job's run is meant."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class ChangeType(StrEnum):
    """What became of a media, in the feed of changes."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"


class HistoryEventType(StrEnum):
    """What happened to a media; between DELETED and CATEGORIES_CHANGED stand the events of what media carry."""

    _ignore_ = "one"

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    for one in MEMBERSHIPS:
        vars()[one.event] = one.event
    CATEGORIES_CHANGED = "CATEGORIES_CHANGED"
    PROCESSED = "PROCESSED"
    IMPORTED = "IMPORTED"
    DOWNLOADED = "DOWNLOADED"
    FAILED = "FAILED"


class TaxonomyNoun(StrEnum):
    """What can be renamed, merged and split as a whole."""

    TAG = "TAG"
    GENRE = "GENRE"
    CHANNEL = "CHANNEL"
    PERSON = "PERSON"


class TaxonomyOperationKind(StrEnum):
    """What an operation on the names of a noun did."""

    RENAME = "RENAME"
    MERGE = "MERGE"
    SPLIT = "SPLIT"
    NORMALISE = "NORMALISE"
    DELETE = "DELETE"
    SET_ALIASES = "SET_ALIASES"
    SET_PARENTS = "SET_PARENTS"
    UNDO = "UNDO"


class TaxonomyOrigin(StrEnum):
    """By which way an operation came."""

    API = "API"
    COMMAND = "COMMAND"
    JOB = "JOB"


class SearchType(StrEnum):
    """What a search can find."""

    MEDIA = "MEDIA"
    PERSON = "PERSON"
    TAG = "TAG"
    GENRE = "GENRE"
    CHANNEL = "CHANNEL"
    COLLECTION = "COLLECTION"


class SearchCorrect(StrEnum):
    """When a search reads other words in place of those that were written."""

    AUTO = "AUTO"
    ALWAYS = "ALWAYS"
    NEVER = "NEVER"


class HighlightField(StrEnum):
    """Where the words of a search were found, in the order of what counts most."""

    TITLE = "TITLE"
    ORIGINAL_TITLE = "ORIGINAL_TITLE"
    ALIAS = "ALIAS"
    NAME = "NAME"
    PERSON = "PERSON"
    TAG = "TAG"
    GENRE = "GENRE"
    CHANNEL = "CHANNEL"
    COLLECTION = "COLLECTION"
    OVERVIEW = "OVERVIEW"
    FILE = "FILE"


# By table and column: what the database checks.
COLUMN_ENUMS: dict[str, type[StrEnum]] = {
    "library.kind": MediaKind,
    "media.kind": MediaKind,
    "collection.kind": CollectionKind,
    "credit.role": CreditRole,
    "artwork.type": ArtworkType,
    "artwork.state": DownloadState,
    "subtitle.state": DownloadState,
    "thumbnail.state": ThumbnailState,
    "stored_file.type": FileType,
    "release.state": ReleaseState,
    "job_run.status": JobStatus,
    "job_run.stop_request": JobStopRequest,
    "job_log.level": JobLogLevel,
    "media_change.type": ChangeType,
    "history_event.type": HistoryEventType,
    "taxonomy_operation.noun": TaxonomyNoun,
    "taxonomy_operation.kind": TaxonomyOperationKind,
    "taxonomy_operation.origin": TaxonomyOrigin,
}
