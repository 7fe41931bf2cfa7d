"""The words that upserts and imports take for how media are found and changed, as clients see them."""

from __future__ import annotations

from catalog.upsert.item import MatchBy, OnConflict
from schema.core.enums import describe

__all__ = ["MatchBy", "OnConflict"]

describe(
    MatchBy,
    "By what an item of an upsert finds its media.",
    ID="Its id.",
    EXTERNAL_ID="Any of its external ids.",
    PATH="The path of any of its files.",
    TITLE="Library, kind, title and year; of a season or episode its parent and numbers, or title if it has no number.",
)
describe(
    OnConflict,
    "What an upsert does with a media that is there.",
    REPLACE="The lists that are given replace those of the media.",
    MERGE="The lists that are given are added to those of the media; metadata is a JSON merge patch.",
    SKIP="The media is left as it is; only new ones are made.",
)
