"""What an import is asked to do, and what it must not mix with when it goes on where another one stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from catalog.upsert.item import MatchBy, OnConflict

CHUNK = 1_000
MAX_PRUNED = 20  # percent of what is known of a source
DEFAULT_MATCH = (MatchBy.EXTERNAL_ID, MatchBy.PATH, MatchBy.TITLE)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is imported, and how. format, location: which source it is; options: of the source.

    match_by: by what an item finds its media the first time; later its key does. prunes: whether media go that the
    source no longer has; max_pruned: percent of those known that may. is_dry_run: nothing is stored. restarts: begins
    anew where an earlier run was interrupted. chunk: items of a transaction. patience: seconds for which a database
    that is away is waited for."""

    library: int
    format: str
    location: str
    options: Mapping[str, str] = field(default_factory=dict)
    match_by: Sequence[MatchBy] = DEFAULT_MATCH
    on_conflict: OnConflict = OnConflict.REPLACE
    prunes: bool = False
    max_pruned: int = MAX_PRUNED
    is_dry_run: bool = False
    restarts: bool = False
    chunk: int = CHUNK
    patience: float = 60.0

    @property
    def told(self) -> dict[str, Any]:
        """What is remembered of it, so that the source can be imported again."""
        return {
            "options": dict(self.options),
            "match_by": [one.value for one in self.match_by],
            "on_conflict": self.on_conflict.value,
        }

    @property
    def digest(self) -> str:
        """The same for runs that can go on where the other one stopped."""
        told = [self.told, self.prunes]
        return blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def import_plan_of(library: int, format: str, location: str, told: Mapping[str, Any], **options: Any) -> ImportPlan:
    """The plan by which a source was imported, with other `options`."""
    return ImportPlan(
        library,
        format,
        location,
        told["options"],
        tuple(MatchBy(one) for one in told["match_by"]),
        OnConflict(told["on_conflict"]),
        **options,
    )
