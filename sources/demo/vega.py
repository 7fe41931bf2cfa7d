"""Matches the movies of vega-datasets with those of the main source.

The collection is deliberately dirty: titles that are numbers or missing, "Boot, Das", accents read in the wrong
character set, placeholders for release dates. A movie matches when

- its title key (see `title_key`) and its year agree, and neither source has a second movie with both, or
- its title key agrees, its year is off by one, and neither source has a second movie with that key.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

TRAILING_ARTICLE = re.compile(r"^(.*), (the|a|an|das|der|die|le|la|les|el)(: .*)?$")
LEADING_ARTICLE = re.compile(r"^(?:the|a|an) (?=.)")
REMARK = re.compile(r"\s*\((?:\d{4}|IMAX|Theatrical Release|Canadian Release)\)$")
DISTRIBUTORS = {
    "Dreamworks SKG": "DreamWorks",
    "Focus/Rogue Pictures": "Rogue Pictures",
    "IDP/Goldwyn/Roadside": "Roadside Attractions",
    "Miramax/Dimension": "Dimension Films",
    "New Line": "New Line Cinema",
    "Sony/Columbia": "Columbia Pictures",
    "Sony/Screen Gems": "Screen Gems",
    "Sony/TriStar": "TriStar Pictures",
    "Universal": "Universal Pictures",
    "Weinstein Co.": "The Weinstein Company",
    "Weinstein/Dimension": "Dimension Films",
}
UNKNOWN = "Distributor Unknown"


class VegaMovie(NamedTuple):
    """The facts taken from one movie; rating in tenths (0 to 100), running time in minutes."""

    key: str
    year: int
    rating: int | None
    runtime: int | None
    director: str | None
    distributor: str | None
    source: str | None
    creative_type: str | None
    mpaa: str | None


def title_key(title: str) -> str:
    """What spellings of one title share: without case, accents, blanks, punctuation and an article at either end."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))
    plain = TRAILING_ARTICLE.sub(r"\2 \1\3", plain).replace("&", " and ")
    words = re.sub(r"[^a-z0-9]+", " ", plain).strip()
    return LEADING_ARTICLE.sub("", words).replace(" ", "")


def repaired(text: str) -> str:
    """Undoes the collection's wrong character set: Windows-1252 bytes that were read as Mac Roman ("LÈon")."""
    if text.isascii():
        return text
    try:
        return text.encode("mac_roman").decode("cp1252")
    except UnicodeError:
        return text


def read_vega(records: Iterable[Mapping[str, Any]]) -> list[VegaMovie]:
    """Records without a title are left out; numbers that are titles become text."""
    return [vega_movie(record) for record in records if record["Title"] is not None]


def vega_movie(record: Mapping[str, Any]) -> VegaMovie:
    rating, runtime = record["IMDB Rating"], record["Running Time min"]
    distributor = record["Distributor"]
    if distributor == UNKNOWN:
        distributor = None
    director = record["Director"]
    return VegaMovie(
        key=title_key(REMARK.sub("", repaired(str(record["Title"])))),
        year=int(record["Release Date"][-4:]),
        rating=None if rating is None else round(rating * 10),
        runtime=runtime,
        director=None if director is None else " ".join(repaired(director).replace('""', '"').split()),
        distributor=DISTRIBUTORS.get(distributor, distributor),
        source=record["Source"],
        creative_type=record["Creative Type"],
        mpaa=record["MPAA Rating"],
    )


def match(movies: Sequence[tuple[str, int]], vega: Iterable[VegaMovie]) -> list[VegaMovie | None]:
    """For each (title, year) the movie that agrees with it by the rule above, or None."""
    ours, theirs = defaultdict(list), defaultdict(list)
    for title, year in movies:
        ours[title_key(title)].append(year)
    for movie in vega:
        theirs[movie.key].append(movie)
    return [agreeing(year, ours[key], theirs.get(key, [])) for key, year in ((title_key(t), y) for t, y in movies)]


def agreeing(year: int, ours: Sequence[int], candidates: Sequence[VegaMovie]) -> VegaMovie | None:
    """The one candidate of the year, or the only candidate at all if a year off; `ours` are all years of the title."""
    same = [movie for movie in candidates if movie.year == year]
    if same:
        return same[0] if len(same) == 1 and ours.count(year) == 1 else None
    if len(candidates) == 1 and len(ours) == 1 and abs(candidates[0].year - year) == 1:
        return candidates[0]
    return None
