"""Ranges of numbers and times, lengths of texts, lengths of lists, declared once: edits, filters, cursors and the
schema's words all take them from here.

Numbers are as they are stored. A cursor takes whatever its column's type can hold, so that every row that is stored,
by whomever, can be paged past; edits take what makes sense. A test holds both against the database's own checks."""

from __future__ import annotations

from typing import NamedTuple

from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS


class Bounds(NamedTuple):
    """A range of whole numbers, both ends included. `parts`: how many of them make one as clients say it."""

    least: int
    most: int
    parts: int = 1

    def holds(self, value: int) -> bool:
        return self.least <= value <= self.most

    @property
    def description(self) -> str:
        """As clients say it: "from 0 to 10"."""
        return f"from {self.least / self.parts:.15g} to {self.most / self.parts:.15g}"


# What PostgreSQL's types hold; INTEGER is GraphQL's Int as well.
INTEGER = Bounds(-(2**31), 2**31 - 1)
BIGINT = Bounds(-(2**63), 2**63 - 1)

# What every client can hold exactly, since JavaScript does.
EXACT = Bounds(-(2**53 - 1), 2**53 - 1)

YEAR = Bounds(0, 9999)  # what ISO 8601 writes in four digits
RATING_TENTHS = Bounds(0, 100, parts=10)
SCORE_THOUSANDTHS = Bounds(0, 1000, parts=1000)
PERCENT = Bounds(0, 100)
JOB_PRIORITY = Bounds(-100, 100)
JOB_ATTEMPTS = Bounds(1, 100)
NOT_NEGATIVE = Bounds(0, INTEGER.most)
POSITIVE = Bounds(1, INTEGER.most)
POSITION = Bounds(0, 999_999)  # as edits take it: whatever comes after it has a place too
BYTES = Bounds(0, EXACT.most)
MEGABYTES = Bounds(0, EXACT.most, parts=1_000_000)  # sizes as filters say them
MILLISECONDS = Bounds(0, INTEGER.most, parts=1000)
MUSIC_MILLISECONDS = Bounds(0, 9_000_000_000_000, parts=1000)
TEMPO_HUNDREDTHS = Bounds(1, 10_000_000, parts=100)

# Years of times: in those beside them some time zone has no year that both Python and PostgreSQL can tell, and asyncpg
# writes the first and the last as infinity.
TIME_YEARS = Bounds(2, 9998)

# By table and column. Where the database checks nothing more than the type (media.year), edits do.
COLUMNS = {
    "media.year": YEAR,
    "media.rating_tenths": RATING_TENTHS,
    "media.runtime_minutes": NOT_NEGATIVE,
    "media.season_number": NOT_NEGATIVE,
    "media.episode_number": NOT_NEGATIVE,
    "media.popularity": Bounds(0, 10_000_000),
    "credit.position": NOT_NEGATIVE,
    "tagline.position": NOT_NEGATIVE,
    "media_collection.position": NOT_NEGATIVE,
    "artwork.width": POSITIVE,
    "artwork.height": POSITIVE,
    "thumbnail.offset_ms": MILLISECONDS,
    "thumbnail.width": POSITIVE,
    "thumbnail.height": POSITIVE,
    "provider_cache.size": POSITIVE,
    "provider_lease.number": Bounds(1, 1_000),
    "stored_file.size": Bounds(1, BYTES.most),
    "stored_file.width": POSITIVE,
    "stored_file.height": POSITIVE,
    "media_file.size": BYTES,
    "media_file.width": POSITIVE,
    "media_file.height": POSITIVE,
    "media_file.duration_ms": MILLISECONDS,
    "clip.size": BYTES,
    "clip.duration_ms": MILLISECONDS,
    "release.size": BYTES,
    "release.completeness": PERCENT,
    "release_group.score_thousandths": SCORE_THOUSANDTHS,
    "music.tempo_hundredths": TEMPO_HUNDREDTHS,
    "music.track_count": NOT_NEGATIVE,
    "music.note_count": NOT_NEGATIVE,
    "music.duration_ms": MUSIC_MILLISECONDS,
    "job_run.attempts": NOT_NEGATIVE,
    "job_run.faults": NOT_NEGATIVE,
    "job_run.max_attempts": JOB_ATTEMPTS,
    "job_run.priority": JOB_PRIORITY,
    "job_run.total": NOT_NEGATIVE,
    "job_schedule.priority": JOB_PRIORITY,
    "job_run.succeeded": NOT_NEGATIVE,
    "job_run.failed": NOT_NEGATIVE,
}

# Longest texts. LETTERS are of what clients write, BYTES of UTF-8: of what is folded, which an index has to hold.
NAME_LETTERS = 200  # of a library, and of what media carry
NAME_BYTES = 1_000
LONG_NAME_LETTERS = 300  # of a person, a collection
LONG_NAME_BYTES = 1_500
DESCRIPTION_LETTERS = 10_000  # of a collection
TITLE_LETTERS = 500
TITLE_BYTES = 2_000
OVERVIEW_LETTERS = 20_000
PROCESS_LETTERS = 100
PROCESS_BYTES = 200
CATEGORY_LETTERS = 200  # also of its value
CATEGORY_BYTES = 200
SETTING_LETTERS = 200  # of each text of a list
METADATA_BYTES = 65_536

SETTING_TEXTS = 100  # of a list
JSON_LEVELS = 100
ITEMS_OF_AN_EDIT = 500

# How many rows of a table one media may have. Edits refuse more; more that was written by SQL is told as drift.
ROWS_OF_A_MEDIA = {one.table: one.bound for one in (*MEMBERSHIPS, *MEDIA_LISTS)} | {"media_collection": 64}

ROWS_OF_AN_ITEM = 1_000  # credits, or releases, that one item of an upsert gives
CHANGES_OF_MUSIC = 1_000  # of its tempo, its key, its time signature
PROGRAMS = 128  # of General MIDI
ALIASES_OF_A_NOUN = 500  # that an edit gives a tag, a genre, a channel; merges may bring more
PARENTS_OF_A_TAG = 64
EXTERNAL_IDS_OF_A_PERSON = 64
EXTERNAL_ID_SOURCE, EXTERNAL_ID_SOURCE_BYTES = r"[^:]{1,50}", 200
EXTERNAL_ID_BYTES = 1_000
