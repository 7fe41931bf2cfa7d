"""Titles of generated media: words and lengths as skewed as those of real ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest

from bench.generated.titles import TitleParts, made_title, read_title_parts
from sources.demo.facts import read_facts

REAL = [movie.title for movie in read_facts().movies]


def words(title: str) -> list[str]:
    return re.findall(r"\w+", title.lower())


def made(count: int) -> list[str]:
    rng = Random(7)
    return [made_title(read_title_parts(), rng) for _ in range(count)]


def shares(titles: Sequence[str]) -> Counter[str]:
    """In how many of a hundred titles each word stands."""
    counts = Counter(word for title in titles for word in set(words(title)))
    return Counter({word: count * 100 / len(titles) for word, count in counts.items()})


def test_frequent_words_stand_in_as_many_titles_as_in_real_ones() -> None:
    real, generated = shares(REAL), shares(made(30_000))
    assert real["the"] > 25
    for word in ("the", "of", "a", "and", "in", "love", "night", "man", "2", "ii"):
        assert generated[word] == pytest.approx(real[word], rel=0.15), word


def test_titles_are_as_long_as_real_ones() -> None:
    real, generated = (Counter(len(words(title)) for title in titles) for titles in (REAL, made(30_000)))
    for length in range(1, 7):
        assert generated[length] / 30_000 == pytest.approx(real[length] / len(REAL), abs=0.01), length


def test_rare_words_go_on_coming() -> None:
    titles = made(40_000)
    first, second = shares(titles[:20_000]), shares(titles[20_000:])
    assert len(second.keys() - first.keys()) > 3_000


def test_a_title_keeps_the_frame_of_a_real_one() -> None:
    parts = TitleParts([[None, "'s ", "the", ": Part ", "II", " (", None, ")"]], ["Word"], ["Name"])
    assert made_title(parts, Random(3)) == "Word's the: Part II (Word)"


def test_small_words_numbers_and_contractions_are_not_replaced() -> None:
    frames = read_title_parts().frames
    assert frames[REAL.index("Bringing Out the Dead")] == [None, " ", "Out", " ", "the", " ", None]
    assert frames[REAL.index("Schindler's List")] == [None, "'s", " ", None]
    assert frames[REAL.index("Can't Stop the Music")] == ["Can't", " ", None, " ", "the", " ", None]
    assert frames[REAL.index("9½ Weeks")] == ["9½", " ", None]
