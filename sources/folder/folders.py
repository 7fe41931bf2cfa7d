"""What the names of the folders above a file say: the series and its year, the season, ids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sources.folder.cleaning import take_ids

SEASON = re.compile(
    r"(?i)(?:(?:season|saison|staffel|series|stagione|temporada|sezon|seizoen|säsong|сезон)[ ._-]*(\d{1,4})|s(\d{1,4})"
    r"|(\d{1,2})(?:st|nd|rd|th|\.)?[ ._-]*(?:season|saison|staffel|temporada|сезон))(?![^\W_])"
)
SPECIALS = re.compile(r"(?i)(?:specials?|season[ ._-]*0+|extras? episodes)")
TITLE_AND_YEAR = re.compile(r"(?P<title>.+?)[ ._]*[\[(](?P<year>(?:19|20)\d\d)(?:[-–](?:(?:19|20)\d\d)?)?[\])].*")

# Folders that hold many series or movies, and name none.
GENERAL = re.compile(
    r"(?i)(?:tv|series|shows?|tv[ ._-]?(?:shows?|series)|anime|movies?|films?|videos?|media|downloads?|complete"
    r"|incoming|[a-z]:|mnt|data|library|dvd|bluray|hdtv|cartoons?|kids|new|misc|other|torrents?|share)"
)


@dataclass(frozen=True, slots=True)
class FolderNames:
    """names: those that guessit is shown. season: of the folder that the file is in; series, year: of the one above."""

    names: Sequence[str] = ()
    season: int | None = None
    series: str | None = None
    year: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


def read_folders(folders: Sequence[str]) -> FolderNames:
    ids: dict[str, str] = {}
    names = []
    for name in folders[-3:]:
        kept, found = take_ids(name)
        names.append(kept)
        ids |= found
    season = season_of(names[-1]) if names else None
    above = names[:-1] if season is not None else names
    series, year = title_and_year(above[-1]) if above else (None, None)
    return FolderNames(names[-2:], season, series, year, ids)


def season_of(name: str) -> int | None:
    """The number of a folder that holds one season and is named so."""
    if SPECIALS.fullmatch(name.strip()):
        return 0
    match = SEASON.match(name.strip())
    return int(next(filter(None, match.groups()))) if match is not None else None


def title_and_year(name: str) -> tuple[str | None, int | None]:
    """Of a folder that names one media."""
    if GENERAL.fullmatch(name.strip()) or not name.strip():
        return None, None
    if match := TITLE_AND_YEAR.fullmatch(name):
        return match["title"].strip(" -._"), int(match["year"])
    return name.strip(), None
