"""The demo's facts."""

from __future__ import annotations

import gzip
import re
import unicodedata
from pathlib import Path

import pytest

from domain.text import fold
from sources.demo.cast import plain_text
from sources.demo.facts import FACTS_FILE, Movie, read_facts
from sources.demo.reduce import document, read_source, reduce_movies
from sources.demo.subjects import PLACES, SUBJECTS
from sources.demo.tags import CREATIVE_TYPE_TAGS, GENRE_TAGS, MPAA_TAGS, SOURCE_TAGS
from sources.demo.vocabulary import DESCRIPTION, MAKING, RECEPTION

SOURCE = Path(__file__).parents[3] / "shared" / "data"
MAX_TEXT_LENGTH = 98  # a title


def movie(title: str, year: int) -> Movie:
    [found] = [movie for movie in read_facts().movies if (movie.title, movie.year) == (title, year)]
    return found


def test_the_facts_hold_every_movie_of_the_source() -> None:
    facts = read_facts()
    movies = facts.movies
    assert (len(movies), len(facts.genres), len(facts.tags), len(facts.people)) == (11_216, 40, 453, 21_454)
    assert sum(len(movie.cast) for movie in movies) == 70_250
    assert sum(len(movie.directors) for movie in movies) == 1_529
    assert sum(len(movie.tags) for movie in movies) == 54_112
    assert sum(movie.rating is not None for movie in movies) == 2_273
    assert sum(movie.runtime is not None for movie in movies) == 1_098
    assert sum(movie.distributor is not None for movie in movies) == 2_303
    assert sum(movie.thumbnail is not None for movie in movies) == 10_677


def test_a_known_movie_has_its_facts() -> None:
    assert movie("The Matrix", 1999) == Movie(
        title="The Matrix",
        year=1999,
        rating=87,
        runtime=136,
        distributor="Warner Bros.",
        article="The_Matrix",
        thumbnail="https://upload.wikimedia.org/wikipedia/en/c/c1/The_Matrix_Poster.jpg",
        width=268,
        height=370,
        genres=("Action", "Science Fiction"),
        tags=(
            *(
                "1990s",
                "distributed by warner bros.",
                "dystopia",
                "franchise starter",
                "original screenplay",
                "rated r",
            ),
            *("science fiction", "virtual reality", "writer-director"),
        ),
        cast=("Keanu Reeves", "Laurence Fishburne", "Carrie-Anne Moss", "Hugo Weaving", "Joe Pantoliano"),
        directors=("Andy Wachowski",),
    )


def test_each_article_belongs_to_one_movie() -> None:
    articles = [movie.article for movie in read_facts().movies if movie.article is not None]
    assert len(articles) == len(set(articles)) == 11_006
    assert movie("Titanic", 1997).article == "Titanic_(1997_film)"
    assert movie("Titanic 3D", 2012).article is None
    assert movie("Superman II", 1980).article == "Superman_II"
    assert movie("Superman II", 1981).article is None


def test_the_facts_are_names_and_numbers_without_sentences() -> None:
    texts = {
        text
        for one in read_facts().movies
        for text in (one.title, one.distributor or "", *one.genres, *one.tags, *one.cast, *one.directors)
    }
    assert max(map(len, texts)) == MAX_TEXT_LENGTH
    assert [text for text in texts if re.search(r"\b(?:is an?|directed by|starring)\b", text)] == []


def test_names_in_the_facts_are_clean() -> None:
    facts = read_facts()
    for text in (*facts.people, *facts.tags, *facts.genres, *(movie.title for movie in facts.movies)):
        assert text == plain_text(text) != ""
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
    assert all(tag == tag.lower() and len(tag) <= 48 for tag in facts.tags)
    assert len({fold(tag) for tag in facts.tags}) == len(facts.tags)


def test_a_movie_names_nothing_twice_and_stays_within_the_bounds() -> None:
    movies = read_facts().movies
    for one in movies:
        for names in (one.genres, one.tags, one.cast, one.directors):
            assert len(names) == len(set(names))
    assert max(len(one.tags) for one in movies) == 15
    assert min(len(one.tags) for one in movies) == 1
    assert max(len(one.genres) for one in movies) == 7


@pytest.mark.skipif(not SOURCE.is_dir(), reason="the source collections (../shared/data) are not here")
def test_the_reduction_gives_the_shipped_document_byte_for_byte() -> None:
    # The compressed bytes depend on the machine's zlib, so what is compressed is compared.
    assert document(reduce_movies(*read_source(SOURCE))) == gzip.decompress(FACTS_FILE.read_bytes())


def test_tags_are_of_the_fixed_vocabulary() -> None:
    vocabulary = {tag for table in (DESCRIPTION, MAKING, RECEPTION, SUBJECTS, PLACES) for tag, _ in table}
    for names in (SOURCE_TAGS, CREATIVE_TYPE_TAGS, MPAA_TAGS, GENRE_TAGS):
        vocabulary.update(names.values())
    vocabulary.update(f"distributed by {one.distributor.lower()}" for one in read_facts().movies if one.distributor)
    vocabulary.update(["1980s", "1990s", "2000s", "2010s", "2020s", "over 150 minutes", "under 85 minutes"])
    assert set(read_facts().tags) - vocabulary == set()
