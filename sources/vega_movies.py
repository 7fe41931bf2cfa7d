"""movies.json of vega-datasets: figures and ratings of 3,201 movies, deliberately dirty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sources.demo.vega import REMARK, UNKNOWN, repaired
from sources.encodings import ENCODING
from sources.format import Format
from sources.media_json import UnfitItem
from sources.record_files import RecordFiles, first_record
from sources.source import Source
from sources.titles import with_article_first

DATE = re.compile(r"([A-Z][a-z]{2} [0-3]\d \d{4})")
LAST_YEAR = 2011  # two digits were read as a year of this century: The Wizard of Oz is of 2039
CATEGORIES = {
    "MPAA Rating": "MPAA rating",
    "Source": "source",
    "Creative Type": "creative type",
    "Distributor": "distributor",
}
FIGURES = {
    "US Gross": "usGross",
    "Worldwide Gross": "worldwideGross",
    "US DVD Sales": "usDvdSales",
    "Production Budget": "productionBudget",
    "Rotten Tomatoes Rating": "rottenTomatoesRating",
    "IMDB Votes": "imdbVotes",
}


def read_vega_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """JSON of a media of a record."""
    given = record.get("Title")
    if not isinstance(given, str | int) or isinstance(given, bool) or not str(given).strip():
        raise UnfitItem(["Title"], "A title is needed here.")
    title = with_article_first(REMARK.sub("", repaired(str(given)).strip()))
    date = release_date(record.get("Release Date"))
    media: dict[str, Any] = {
        "key": f"{given}|{record.get('Release Date')}|{record.get('Director') or ''}",
        "title": title,
        "year": None if date is None else date.year,
        "rating": record.get("IMDB Rating"),
        "runtimeMinutes": record.get("Running Time min"),
        "genres": [record["Major Genre"]] if record.get("Major Genre") else [],
        "categories": [
            {"category": name, "value": repaired(str(record[column]))}
            for column, name in CATEGORIES.items()
            if record.get(column) not in (None, "", UNKNOWN)
        ],
        "metadata": {name: record[column] for column, name in FIGURES.items() if record.get(column) is not None},
    }
    if date is not None:
        media["metadata"]["releaseDate"] = date.date().isoformat()
    if record.get("Director"):
        name = " ".join(repaired(str(record["Director"])).replace('""', '"').split())
        media["credits"] = [{"person": name, "role": "DIRECTOR"}]
    return media


def release_date(given: Any) -> datetime | None:
    """Of "Jun 12 1998"; None where none is given. UnfitItem."""
    if given is None:
        return None
    try:
        if not DATE.fullmatch(str(given)):
            raise ValueError
        found = datetime.strptime(str(given), "%b %d %Y").replace(tzinfo=UTC)
        return found.replace(year=found.year - 100) if found.year > LAST_YEAR else found
    except ValueError:
        raise UnfitItem(["Release Date"], "A date as in Jun 12 1998 is needed here.") from None


def guess_vega_movies(location: str) -> float:
    """By the fields of the first record."""
    return 0.95 if {"Title", "Release Date", "IMDB Rating", "Major Genre"} <= first_record(location).keys() else 0


def open_vega_movies(location: str, options: Mapping[str, str]) -> Source:
    return RecordFiles(location, read_vega_record, options.get("encoding", ""))


VEGA_MOVIES = Format(
    name="vega-movies",
    description="movies.json of vega-datasets.",
    told_by="its records have Title, Release Date, IMDB Rating and Major Genre",
    guess=guess_vega_movies,
    open=open_vega_movies,
    options=(ENCODING,),
    reads=(
        ("Title, Release Date", "title, with its letters repaired, and year: one after 2011 is of the century before"),
        ("IMDB Rating, Running Time min, Major Genre", "rating, runtimeMinutes, genres"),
        ("Director", "credits"),
        ("MPAA Rating, Source, Creative Type, Distributor", "categories"),
        ("the others", "metadata"),
    ),
)
