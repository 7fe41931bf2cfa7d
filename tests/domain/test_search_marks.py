"""Where the words of a search are marked in what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CatalogError
from domain.search_marks import FRAGMENT_LETTERS, Fragment, Marker
from domain.search_query import parse_query


def marked(fragment: Fragment | None) -> list[str]:
    """The marked parts of a fragment, read as a client does that counts in UTF-16."""
    if fragment is None:
        return []
    units = fragment.text.encode("utf-16-le", "surrogatepass")
    return [units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass") for start, end in fragment.marks]


MARKED = [
    ("heat", "Heat", ["Heat"]),
    ("heat", "Cheat", []),
    ("godf", "The Godfather, Part II", ["Godfather"]),
    ("godf ", "The Godfather", []),
    ("godfather 2", "The Godfather, Part II", ["Godfather", "II"]),
    ("the godfather -part", "The Godfather, Part II", ["The", "Godfather"]),
    ("spiderman", "The Amazing SPIDER-MAN", ["SPIDER-MAN"]),
    ("spider man", "Spiderman", ["Spiderman"]),
    ("spider-man", "Spider and Man", ["Spider", "Man"]),
    ('"of the"', "The Lord of the Rings", ["of the"]),
    ('"of the"', "The end of it", []),
    ("amelie", "D’Amélie", ["D’Amélie"]),
    ("dont", "Don’t Look", ["Don’t"]),
    ("strasse", "Die Straße", ["Straße"]),
    ("film", "ﬁlm", ["ﬁlm"]),
    ("noir", "no\u200bir", ["no\u200bir"]),
    ("amelie", "ame\u0301lie", ["ame\u0301lie"]),
    ("七人", "日本の七人の侍", ["七人"]),
    ("人七", "日本の七人の侍", []),
    ("heat", "👩‍🚀 Heat", ["Heat"]),
    ("🚀", "To the 🚀!", ["🚀"]),
    ("and", "Fish & chips", []),
    ("heat heat", "heat", ["heat"]),
    ("", "Heat", []),
    ("year:1999", "Year 1999", []),
]


@pytest.mark.parametrize(("query", "text", "marks"), MARKED)
def test_words_are_marked_as_search_reads_them(query: str, text: str, marks: list[str]) -> None:
    assert marked(Marker(parse_query(query)).fragment(text)) == marks


def test_words_that_were_read_in_place_of_others_are_marked() -> None:
    assert marked(Marker(parse_query("godfahter "), ["godfather"]).fragment("The Godfather")) == ["Godfather"]


def test_a_long_text_is_cut_at_blanks_around_the_most_marks() -> None:
    text = "love " + "word " * 100 + "love and love again " + "word " * 100

    fragment = Marker(parse_query("love ")).fragment(text)

    assert fragment is not None
    assert marked(fragment) == ["love", "love"]
    assert len(fragment.text) <= FRAGMENT_LETTERS + 2
    assert (fragment.text[0], fragment.text[-1]) == ("…", "…")
    assert fragment.text[1:-1] in text
    assert set(fragment.text[1:-1].split()) == {"word", "love", "and", "again"}


def test_a_word_that_is_longer_than_a_fragment_is_shown_whole() -> None:
    text = "x " * 100 + "a" * 1000 + " x" * 100

    fragment = Marker(parse_query("a" * 64)).fragment(text)

    assert fragment is not None
    assert marked(fragment) == ["a" * 1000]


@given(st.text(max_size=20), st.text(max_size=300))
def test_marks_lie_in_the_fragment_in_order_and_apart(query: str, text: str) -> None:
    try:
        fragment = Marker(parse_query(query)).fragment(text)
    except CatalogError:
        return
    if fragment is not None:
        places = [place for mark in fragment.marks for place in mark]
        assert places == sorted(set(places))
        assert places[0] >= 0
        assert places[-1] <= len(fragment.text.encode("utf-16-le", "surrogatepass")) // 2
        assert fragment.text.strip("…") in text


WORDS = ["Heat", "Amélie", "Don’t", "SPIDER-MAN", "七人", "🚀"]


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(WORDS))
def test_a_word_is_marked_wherever_it_stands_and_nothing_else_is(words: list[str], wanted: str) -> None:
    fragment = Marker(parse_query(f"{wanted.lower()} ")).fragment(" / ".join(words))

    assert marked(fragment) == [word for word in words if word == wanted]
