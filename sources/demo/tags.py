"""Derives a movie's tags from its facts and, by documented patterns, from its extract.

Only words of the fixed vocabulary come out: no text of the source does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeAlias

from sources.demo.subjects import PLACES, SUBJECTS
from sources.demo.vega import VegaMovie
from sources.demo.vocabulary import DESCRIPTION, MAKING, RECEPTION

Table: TypeAlias = tuple[tuple[str, str], ...]

# Taken away, or made a blank, so that every word stands behind a blank.
BESIDE_WORDS = str.maketrans({**dict.fromkeys('"\u201c\u201d()', ""), **dict.fromkeys("/\u2013\u2014", " ")})
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
# "Title is a 1999 American science fiction film directed by ...": the part that says what kind of film it is.
DESCRIPTION_PART = re.compile(
    r"\b(?:is|was|are)\b(?: the title given to)? (?:an?|the|two|three)\b(.*?)"
    r"(?:\b(?:directed|written|produced|created|starring|stars|about|based|that|which|who|from|by|featuring|set|adapt\w+)\b|[.,;]|$)",
    re.IGNORECASE,
)
NOT_STORY = re.compile(
    r"\b(?:released?|premiered|premieres|box[- ]office|gross(?:ed|es|ing)|critics|reviews?|nominat\w+|awards?|"
    r"soundtrack|festival|filmed in|filming|shot in|shooting|home video|dvd|film rights)\b",
    re.IGNORECASE,
)
PLACE_PREFIX = re.compile(
    r"\b(?:[Ss]et|sets|takes? place|[Tt]aking place|arrives?|lives?|living|moves?|travels?|returns?|trip|vacation|"
    r"journeys?|relocates?)(?: [a-z]\w*){0,4}? (?:in|to|at|around|on) "
    r"(?:(?:the|a|an|modern|present-day|contemporary|downtown|rural|suburban|streets of|city of|\d{4}s?),? )*(?=[A-Z])"
)
PLACE_LENGTH = 20
SOURCE_TAGS = {
    "Original Screenplay": "original screenplay",
    "Based on Book/Short Story": "based on a book",
    "Based on Real Life Events": "based on a true story",
    "Remake": "remake",
    "Based on TV": "based on a tv series",
    "Based on Comic/Graphic Novel": "based on a comic",
    "Based on Play": "based on a play",
    "Based on Game": "based on a game",
    "Traditional/Legend/Fairytale": "based on a fairy tale",
    "Based on Magazine Article": "based on a magazine article",
    "Based on Musical/Opera": "based on a musical",
    "Based on Short Film": "based on a short film",
    "Spin-Off": "spin-off",
    "Based on Factual Book/Article": "based on a non-fiction book",
    "Disney Ride": "based on a theme park ride",
    "Based on Toy": "based on a toy",
}
CREATIVE_TYPE_TAGS = {
    "Contemporary Fiction": "contemporary fiction",
    "Historical Fiction": "historical fiction",
    "Fantasy": "fantasy",
    "Science Fiction": "science fiction",
    "Dramatization": "dramatization",
    "Kids Fiction": "kids fiction",
    "Factual": "factual",
    "Super Hero": "superhero",
}
MPAA_TAGS = {rating: f"rated {rating.lower()}" for rating in ("G", "PG", "PG-13", "R", "NC-17")}
GENRE_TAGS = {
    "Animated": "animation",
    "Biography": "biography",
    "Documentary": "documentary",
    "Found Footage": "found footage",
    "Independent": "independent",
    "Live Action": "live action",
    "Martial Arts": "martial arts",
    "Satire": "satire",
    "Short": "short film",
    "Silent": "silent film",
    "Slasher": "slasher",
    "Superhero": "superhero",
    "Teen": "teen film",
}
LONG_MINUTES, BRIEF_MINUTES = 150, 85


def tags_of(year: int, genres: Iterable[str], extract: str, vega: VegaMovie | None) -> list[str]:
    """The tags of one movie, by name and each once."""
    found = {f"{year // 10 * 10}s"}
    found.update(GENRE_TAGS[genre] for genre in genres if genre in GENRE_TAGS)
    found.update(extract_tags(extract))
    if vega is not None:
        found.update(vega_tags(vega))
    return sorted(found)


def vega_tags(vega: VegaMovie) -> Iterator[str]:
    """Tags that restate a field: source, creative type, MPAA rating, distributor, running time."""
    fields = ((SOURCE_TAGS, vega.source), (CREATIVE_TYPE_TAGS, vega.creative_type), (MPAA_TAGS, vega.mpaa))
    yield from (names[value] for names, value in fields if value in names)
    if vega.distributor is not None:
        yield f"distributed by {vega.distributor.lower()}"
    if vega.runtime is not None and vega.runtime >= LONG_MINUTES:
        yield "over 150 minutes"
    if vega.runtime is not None and vega.runtime <= BRIEF_MINUTES:
        yield "under 85 minutes"


def extract_tags(extract: str) -> Iterator[str]:
    """Each table is held against its own part of the extract."""
    sentences = SENTENCE_END.split(extract.translate(BESIDE_WORDS))
    description = DESCRIPTION_PART.search(sentences[0])
    if description is not None:
        yield from matches(DESCRIPTION, description[1], re.IGNORECASE)
    yield from matches(MAKING, " ".join(sentences[:3]), re.IGNORECASE)
    yield from matches(RECEPTION, " ".join(sentences), re.IGNORECASE)
    story = " ".join(sentence for sentence in sentences if not NOT_STORY.search(sentence))
    yield from matches(SUBJECTS, story)
    for there in PLACE_PREFIX.finditer(story):
        place = story[there.end() : there.end() + PLACE_LENGTH]
        yield from (tag for tag, pattern in compiled(PLACES, re.NOFLAG) if pattern.match(" " + place))


def matches(table: Table, text: str, flags: re.RegexFlag = re.NOFLAG) -> Iterator[str]:
    """The tags of the table whose pattern occurs in the text."""
    searched = " " + text
    return (tag for tag, pattern in compiled(table, flags) if pattern.search(searched))


@cache
def compiled(table: Table, flags: re.RegexFlag) -> list[tuple[str, re.Pattern[str]]]:
    """The table's patterns as whole words. A blank in front is found many times faster than a word boundary."""
    return [(tag, re.compile(rf" (?:{pattern})(?!\w)", flags)) for tag, pattern in table]
