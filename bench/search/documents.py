"""The collection that known items are looked for in: the same documents for every engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from domain.text import fold
from sources.demo.facts import read_facts
from sources.wikipedia_movies import BRACKETS_BEHIND, read_wikipedia_movie

FILES = "movies-*.json"
MAX_TITLE = 60
# Where the beginning of an article says how else a movie is called: "Melting Pot (also known as Race) is a ..."
ALSO_KNOWN = re.compile(
    r"\b(?:also|otherwise|better) (?:known|released|titled) as (?:the )?([A-Z0-9][^,.;:()]{2,50}?)"
    r"(?=[,.;()]|$| (?:is|was|are|in|outside|and)\b)"
)
BEGINNING = 250  # letters of the article; what is said later is about others


class Document(NamedTuple):
    """A movie: `id` is its place in the collection, `aliases` its other titles, `people` its cast in order."""

    id: int
    title: str
    year: int | None
    aliases: Sequence[str]
    people: Sequence[str]
    genres: Sequence[str]
    overview: str


def read_documents(folder: Path) -> list[Document]:
    """Those of the collection in the folder; the demo's own movies, which have no overviews, where it is absent."""
    found = {(one.title, one.year): one for one in list(collection(folder)) or demo()}
    return [document._replace(id=place) for place, document in enumerate(found.values())]


def collection(folder: Path) -> Iterator[Document]:
    for file in sorted(folder.glob(FILES)):
        for record in json.loads(file.read_bytes()):
            media = read_wikipedia_movie(record)
            people = [credit["person"] for credit in media["credits"]]
            overview = media.get("overview") or ""
            aliases = other_titles(media["title"], media.get("metadata", {}), overview)
            yield Document(0, media["title"], media["year"], aliases, people, media["genres"], overview)


def demo() -> Iterator[Document]:
    for movie in read_facts().movies:
        aliases = other_titles(movie.title, {"article": movie.article or ""}, "")
        people = [*movie.cast, *movie.directors]
        yield Document(0, movie.title, movie.year, aliases, people, movie.genres, "")


def other_titles(title: str, metadata: Mapping[str, Any], overview: str) -> list[str]:
    """The name of its article and what the article's beginning says, where these have other words than the title."""
    article = BRACKETS_BEHIND.sub("", unquote(metadata.get("article", "")).replace("_", " "))
    if "#" in article or article.startswith("List of "):
        article = ""
    known = ALSO_KNOWN.findall(overview[:BEGINNING])
    found = {words_of(one): one.strip() for one in (article, *known) if 2 < len(one) <= MAX_TITLE}
    return [one for words, one in found.items() if words and "".join(words) != "".join(words_of(title))]


def words_of(text: str) -> tuple[str, ...]:
    """The words by which the benchmark itself tells whether two titles are the same."""
    return tuple(re.findall(r"\w+", re.sub("[’'ʻ]", "", fold(text))))  # noqa: RUF001
