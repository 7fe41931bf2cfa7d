"""Wikipedia-movies: JSON files of American movies with title, year, cast, genres and the article's beginning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from domain.text import fold
from sources.demo.cast import clean_cast, plain_text
from sources.encodings import ENCODING
from sources.format import Format
from sources.keys import bounded_key
from sources.media_json import UnfitItem
from sources.record_files import RecordFiles, first_record
from sources.source import Source
from sources.titles import with_article_first
from sources.values import text_of, whole_of

# What titles carry along of the page that they were taken from.
STYLE_OF_PAGE = re.compile(r"\.mw-parser-output.*\}")
LANGUAGE_BEHIND = re.compile(r"\s*\[[a-z]{2}\]$")
BRACKETS_BEHIND = re.compile(r"\s*\([^()]*\)$")


def read_wikipedia_movie(record: Mapping[str, Any]) -> dict[str, Any]:
    """JSON of a media of a record."""
    given = record.get("title")
    if not isinstance(given, str) or not given.strip():
        raise UnfitItem(["title"], "A title is needed here.")
    title = with_article_first(LANGUAGE_BEHIND.sub("", plain_text(STYLE_OF_PAGE.sub("", given))))
    year, article = record.get("year"), record.get("href")
    media: dict[str, Any] = {
        "key": bounded_key(f"{article or ''}|{title}|{year}"),
        "title": title,
        "year": None if year is None else whole_of(year),
        "genres": texts_in(record, "genres"),
        "credits": [{"person": name, "role": "ACTOR"} for name in clean_cast(texts_in(record, "cast"))],
    }
    if extract := record.get("extract"):
        media["overview"] = text_of(extract).strip() or None
    if article:
        media["metadata"] = {"article": text_of(article)}
        if is_about(text_of(article), title):
            media["externalIds"] = [{"source": "wikipedia", "value": article}]
    if address := record.get("thumbnail"):
        sizes = {name: record.get(f"thumbnail_{name}") for name in ("width", "height")}
        media["artwork"] = [{"type": "POSTER", "url": address, **sizes}]
    return media


def texts_in(record: Mapping[str, Any], name: str) -> list[str]:
    found = record.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UnfitItem([name], "A list of texts is needed here.")
    return list(dict.fromkeys(one.strip() for one in found if one.strip()))


def is_about(article: str, title: str) -> bool:
    """Whether an article is of the movie of this title: lists, series and other versions of a movie are not."""
    name = unquote(article).replace("_", " ")
    return fold(BRACKETS_BEHIND.sub("", name)) == fold(title)


def guess_wikipedia_movies(location: str) -> float:
    """By the fields of the first record."""
    return 0.9 if {"title", "year", "cast", "genres", "href"} <= first_record(location).keys() else 0


def open_wikipedia_movies(location: str, options: Mapping[str, str]) -> Source:
    return RecordFiles(location, read_wikipedia_movie, options.get("encoding", ""))


WIKIPEDIA_MOVIES = Format(
    name="wikipedia-movies",
    description="Wikipedia-movies: a JSON file, or a folder of such files.",
    told_by="its records have title, year, cast, genres and href",
    guess=guess_wikipedia_movies,
    open=open_wikipedia_movies,
    options=(ENCODING,),
    reads=(
        ("title, year, genres, extract", "title, year, genres, overview"),
        ("cast", "credits of actors, without what is no name"),
        ("href", "metadata.article, and the external id of wikipedia where the article is of the movie itself"),
        ("thumbnail", "artwork: a poster"),
    ),
)
