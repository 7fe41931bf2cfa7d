"""The rules by which the demo's sources are reduced to facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.demo.articles import Claim, owned_articles
from sources.demo.cast import clean_cast, frequent_spellings, plain_text, spelled
from sources.demo.facts import Movie, read_facts
from sources.demo.reduce import clean_title
from sources.demo.tags import tags_of
from sources.demo.vega import match, read_vega, repaired, title_key

SOURCE = Path(__file__).parents[3] / "shared" / "data"
MAX_TEXT_LENGTH = 98  # a title
VEGA_RECORD = {
    "Title": "The Film",
    "Release Date": "Jun 19 1998",
    "IMDB Rating": 6.1,
    "Running Time min": None,
    "Director": None,
    "Distributor": None,
    "Source": None,
    "Creative Type": None,
    "MPAA Rating": None,
}


def movie(title: str, year: int) -> Movie:
    [found] = [movie for movie in read_facts().movies if (movie.title, movie.year) == (title, year)]
    return found


def vega(**fields: object) -> dict[str, object]:
    return {**VEGA_RECORD, **fields}


def test_titles_lose_style_sheets_and_language_links() -> None:
    assert clean_title("Naked Gun .mw-parser-output .frac{white-space:nowrap}33+1\u20443") == "Naked Gun 33+1\u20443"
    assert clean_title("Fly by Night\u00a0[fr]") == "Fly by Night"
    assert plain_text("  a\x00b\t c\n") == "ab c"


@pytest.mark.parametrize(
    ("entries", "cast"),
    [
        (["voices of", "Pearl Bailey", "and", "Mickey Rooney", "."], ["Pearl Bailey", "Mickey Rooney"]),
        (["Dir.:", "Greg Marcks", "Cast:", "Shane West"], ["Shane West"]),
        (["James Montague", "Craig W. Sanger (writers)", "Jake Horowitz"], ["Jake Horowitz"]),
        (["the life of", "Kurt Gerron"], []),
        (["Morgan Freeman", "(narrator)"], ["Morgan Freeman"]),
        (["Caitlyn Jenner", "(credited as Bruce Jenner)", "[a]", "", "  "], ["Caitlyn Jenner"]),
        (["Robert Downey, Jr.", "Jude Law.", "will.i.am"], ["Robert Downey Jr.", "Jude Law", "will.i.am"]),
    ],
)
def test_cast_lists_are_rid_of_what_is_not_a_name(entries: list[str], cast: list[str]) -> None:
    assert clean_cast(entries) == cast


def test_a_person_has_one_spelling_and_one_place_in_a_cast() -> None:
    spellings = frequent_spellings([["Penelope Cruz", "J.K. Simmons"], ["Penélope Cruz"], ["J. K. Simmons"] * 2])
    assert spelled(["J.K. Simmons", "Penelope Cruz", "J. K. Simmons"], spellings) == ["J. K. Simmons", "Penélope Cruz"]


def test_a_shared_article_goes_by_title_then_year_then_place() -> None:
    extract = "Bang is a 1995 American crime drama film."
    assert owned_articles(
        [
            Claim("Bang_(film)", "Bang", 1997, extract),
            Claim("Bang_(film)", "Bang", 1995, extract),
            Claim("Top_Gun", "Top Gun 3D", 2013, "Top Gun is a 1986 American action film."),
            Claim("Top_Gun", "Top Gun", 1987, "Top Gun is a 1986 American action film."),
            Claim("Cycle", "The Cycle", 1994, ""),
            Claim("Cycle", "The Cycle", 1996, ""),
            Claim(None, "Lost", 2000, ""),
        ]
    ) == [None, "Bang_(film)", None, "Top_Gun", "Cycle", None, None]


def test_title_keys_fold_what_the_second_source_spells_otherwise() -> None:
    assert title_key("Matrix, The") == title_key("the  MATRIX!") == "matrix"
    assert title_key("Boot, Das") == title_key("Das Boot")
    assert title_key("Alien\u00b3") == title_key("Alien 3")
    assert title_key("Lovely & Amazing") == title_key("Lovely and Amazing")
    assert repaired("D\u00c8j\u2021 Vu") == "Déjà Vu"


def test_a_movie_matches_by_title_and_year_or_by_a_unique_title_a_year_off() -> None:
    records = [
        vega(Title=54, **{"IMDB Rating": 5}),
        vega(Title=None),
        vega(Title="Film, The"),
        vega(Title="Twice"),
        vega(Title="twice!"),
        vega(Title="Again", **{"Release Date": "Jan 01 1999"}),
    ]
    wanted = [("54", 1998), ("Film", 1999), ("Film Two", 1998), ("Twice", 1998), ("Again", 1998), ("Again", 2005)]
    found = match(wanted, read_vega(records))
    assert [one and (one.key, one.rating) for one in found] == [("54", 50), ("film", 61), None, None, None, None]


def test_tags_come_from_facts_and_from_patterns_in_the_extract() -> None:
    extract = (
        "Alarm is a 1999 Canadian comedy-drama film written and directed by Ann Lee, in her directorial debut, and "
        'starring James Woods. It is based on the novel of the same name. Set in Paris, it follows a "detective" and '
        "a vampire. It was released on Christmas Day and won the Academy Award for Best Sound."
    )
    [second] = read_vega([vega(Distributor="New Line", Source="Remake", **{"MPAA Rating": "PG-13"})])
    assert tags_of(1999, ["Documentary", "Drama"], extract, second) == [
        *("1990s", "academy award winner", "based on a novel", "canadian", "comedy drama", "detective"),
        *("directorial debut", "distributed by new line cinema", "documentary", "paris", "rated pg-13", "remake"),
        *("vampires", "writer-director"),
    ]
