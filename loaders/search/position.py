"""Where a hit stands among all that a search finds, as it is sorted by and as cursors keep it."""

from __future__ import annotations

from typing import NamedTuple

# In which order equally good hits of several types come.
PLACES = ("MEDIA", "PERSON", "TAG", "GENRE", "CHANNEL", "COLLECTION")

ORDER = "tier, place, extra, low, minus_id"

# How a cursor notes that titles were walked by rank, not gathered: the next page has to go on so.
GATHERED, WALKED = 0, 1


class HitPosition(NamedTuple):
    """`tier`: how well it matches, 0 the best; `place`: of its type in PLACES; `extra`: how many more words it has than
    were asked for; `low`: its rank from high to low; `mode`: GATHERED or WALKED, of the whole search."""

    mode: int
    tier: int
    place: int
    extra: int
    low: int
    minus_id: int

    @property
    def sort_values(self) -> tuple[int, ...]:
        return self[1:]
