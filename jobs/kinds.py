"""All kinds of jobs: one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jobs.analyse import ANALYSE_MIDI
from jobs.analyse_releases import ANALYSE_RELEASES
from jobs.delete_library import DELETE_LIBRARY
from jobs.download_files import DOWNLOAD_FILES
from jobs.import_media import IMPORT
from jobs.kind import JobKind
from jobs.maintenance import MAINTENANCE
from jobs.make_thumbnails import MAKE_THUMBNAILS
from jobs.mark_processed import MARK_PROCESSED
from jobs.normalise_names import NORMALISE_NAMES
from jobs.prune import PRUNE_SOURCES
from jobs.refresh_metadata import REFRESH_METADATA
from jobs.resync import RESYNC
from jobs.tag_media import TAG_MEDIA
from jobs.warm_cache import WARM_CACHE


def by_name(kinds: Iterable[JobKind[Any]]) -> Mapping[str, JobKind[Any]]:
    """The kinds by the type of their runs; ValueError where two have one name."""
    found: dict[str, JobKind[Any]] = {}
    for kind in kinds:
        if kind.name in found:
            raise ValueError(f"Two kinds of jobs have the name {kind.name}.")
        found[kind.name] = kind
    return found


KINDS: Mapping[str, JobKind[Any]] = by_name(
    [
        ANALYSE_MIDI,
        ANALYSE_RELEASES,
        DELETE_LIBRARY,
        DOWNLOAD_FILES,
        IMPORT,
        MAINTENANCE,
        MAKE_THUMBNAILS,
        MARK_PROCESSED,
        NORMALISE_NAMES,
        PRUNE_SOURCES,
        REFRESH_METADATA,
        RESYNC,
        TAG_MEDIA,
        WARM_CACHE,
    ]
)
