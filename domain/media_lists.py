"""The plain lists of a media, each declared once: rows that belong to one media, have no name to be found by, and go
with it.

From here come the bound, what follows from their rows, the field of Media, the field of MediaFilter, and the tests that
walk over all of them. What a list is beside that stands in its own files: loaders/<noun>.py and schema/<noun>.py."""

from __future__ import annotations

from dataclasses import dataclass

from domain.memberships import type_name


@dataclass(frozen=True, slots=True)
class MediaList:
    """Rows of table <noun>, which has a column media_id.

    plural: how fields call them; bound: how many of them one media may have; in_feed: whether a change of them is a
    change of their media (docs/changes.md)."""

    noun: str
    plural: str
    bound: int = 64
    in_feed: bool = False

    @property
    def table(self) -> str:
        return self.noun

    @property
    def type_name(self) -> str:
        """As the schema has it: MediaFile."""
        return type_name(self.noun)


MEDIA_LISTS = (
    MediaList("categorisation", "categories", bound=256, in_feed=True),
    MediaList("media_alias", "aliases", in_feed=True),
    MediaList("tagline", "taglines", in_feed=True),
    MediaList("media_file", "files"),
    MediaList("external_id", "external_ids"),
    MediaList("artwork", "artwork"),
    MediaList("process_timestamp", "processes"),
    MediaList("subtitle", "subtitles"),
    MediaList("thumbnail", "thumbnails"),
)

BY_TABLE = {one.table: one for one in MEDIA_LISTS}
