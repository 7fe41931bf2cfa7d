"""Words of search: what is read as one, whatever way it was written; what is stored; what titles are compared by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.search_words import (
    BAR,
    MAX_WORD,
    other_numeral,
    search_words,
    stored_words,
    title_key,
    word_groups,
)

WORDS = [
    ("Amélie", "amelie"),
    ("ＡＢＣ ﬁlm", "abc film"),
    ("Don\u2019t Look Now", "dont look now"),
    ("Rock 'n' Roll", "rock n roll"),
    ("Ocean's Eleven", "oceans eleven"),
    ("Spider\u2013Man", "spider man"),
    ("Fast & Furious", "fast and furious"),
    ("Romeo + Juliet", "romeo and juliet"),
    ("&", "and"),
    ("Q&A", "q and a"),
    ("C++", "c"),
    ("L'Amour", "l amour"),
    ("O'Brien", "o brien"),
    ("9\u00bd Weeks", "91 2 weeks"),
    ("E.T.", "e t"),
    ("東京物語", "東 京 物 語"),
    ("第2章", "第 2 章"),
    ("スター・ウォーズ", "ス タ ー ウ ォ ー ズ"),
    ("ไม่มี", "ไ ม่ มี"),
    ("हिन्दी फ़िल्म", "हिन्दी फ़िल्म"),
    ("한글 영화", "한글 영화"),
    ("Я, робот", "я робот"),
    ("😀 Movie", "😀 movie"),
    ("I ♥ Huckabees", "i ♥ huckabees"),
    ("?! ...", "?! ..."),
    ("|", "\u00a6"),
    ("$", "$"),
    ("\u200b", "\u200b"),
    ("👍🏽 👨\u200d👩", "👍🏽 👨 👩"),
    ("  ", ""),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_a_text_is_read_as_words(text: str, words: str) -> None:
    assert " ".join(search_words(text)) == words


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Spider-Man 2", "spider man 2 | spiderman"),
        ("Spider Man", "spider man"),
        ("M*A*S*H", "m a s h | mash"),
        ("J. R. R. Tolkien", "j r r tolkien | jrr"),
        ("Spider-Man/Deadpool", "spider man deadpool | spidermandeadpool spiderman mandeadpool"),
        ("Na-na", "na na | nana"),
        ("A-A AA", "a a aa"),
        ("東京物語", "東 京 物 語"),
    ],
)
def test_what_was_written_joined_is_stored_joined_too(text: str, stored: str) -> None:
    assert stored_words(text) == stored


def test_groups_are_what_was_written_without_a_space() -> None:
    assert word_groups("Spider-Man  far/from home") == (("spider", "man"), ("far", "from"), ("home",))


@pytest.mark.parametrize(
    "titles",
    [
        ("Spider-Man", "spiderman", "SPIDER MAN", "The Spider-Man", "spider\u2011man"),
        ("E.T. the Extra-Terrestrial", "ET the extraterrestrial", "e.t. The Extra Terrestrial"),
        ("L'Amour", "l\u2019amour", "amour", "L Amour"),
        ("Das Boot", "boot"),
        ("WALL·E", "WALL-E", "walle", "wall e"),
        ("Tom & Jerry", "Tom and Jerry"),
    ],
)
def test_titles_that_are_one_have_one_key(titles: tuple[str, ...]) -> None:
    assert len({title_key(search_words(title)) for title in titles}) == 1


def test_an_article_alone_is_a_title() -> None:
    assert [title_key(search_words(title)) for title in ("The", "The The", "A")] == ["the", "the", "a"]


def test_keys_take_no_more_than_an_index_does() -> None:
    assert len(title_key(search_words("話" * 500)).encode()) <= 400


def test_numerals_have_another_way_to_be_written() -> None:
    assert [other_numeral(word) for word in ("2", "ii", "20", "xx", "21", "iiii", "mix")] == [
        *("ii", "2", "xx", "20", None, None, None)
    ]


@given(st.text())
def test_any_text_becomes_words_of_some_letters(text: str) -> None:
    words = search_words(text)

    assert all(word and len(word) <= MAX_WORD and not {" ", BAR} & set(word) for word in words)
    assert bool(words) == bool(text.split())
    assert stored_words(text).split(f" {BAR} ")[0] == " ".join(words)


@given(st.text())
def test_words_are_read_as_themselves(text: str) -> None:
    """So that what a query was read as can be asked again."""
    words = [word for word in search_words(text) if word.isalnum()]

    assert [again for word in words for again in search_words(word)] == words
