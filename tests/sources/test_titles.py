"""Titles with articles behind them, and with years and other titles in brackets."""

from __future__ import annotations

import pytest

from sources.titles import DatedTitle, read_dated_title, with_article_first


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Matrix, The", "The Matrix"),
        ("Boot, Das", "Das Boot"),
        ("Homme, L'", "L'Homme"),
        ("Couloirs du temps: Les visiteurs 2, Les", "Les Couloirs du temps: Les visiteurs 2"),
        ("Story, The: Part 2", "The Story: Part 2"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("Gone, Baby, Gone", "Gone, Baby, Gone"),
        ("I, Robot", "I, Robot"),
        ("Me, the", "Me, the"),
        (", The", ", The"),
    ],
)
def test_an_article_behind_a_title_goes_before_it(given: str, title: str) -> None:
    assert with_article_first(given) == title


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Matrix, The (1999)", DatedTitle("The Matrix", 1999)),
        ("2001: A Space Odyssey (1968) ", DatedTitle("2001: A Space Odyssey", 1968)),
        ("1984 (1984)", DatedTitle("1984", 1984)),
        ("Moonlight", DatedTitle("Moonlight")),
        ("(1999)", DatedTitle("(1999)")),
        ("Death Note: Desu n\u00f4to (2006\u20132007)", DatedTitle("Death Note: Desu n\u00f4to", 2006)),
        ("Fawlty Towers (1975-1979)", DatedTitle("Fawlty Towers", 1975)),
        ("Big Bang Theory, The (2007-)", DatedTitle("The Big Bang Theory", 2007)),
        ("Hate (Haine, La) (1995)", DatedTitle("Hate", 1995, "La Haine")),
        ("Seven (a.k.a. Se7en) (1995)", DatedTitle("Seven", 1995, None, ["Se7en"])),
        (
            "L\u00e9on: The Professional (a.k.a. The Professional) (L\u00e9on) (1994)",
            DatedTitle("L\u00e9on: The Professional", 1994, "L\u00e9on", ["The Professional"]),
        ),
        ("Supercop (Police Story 3) (Jing cha) (1992)", DatedTitle("Supercop", 1992, "Jing cha", ["Police Story 3"])),
        ("You Are (Not) Alone (2007)", DatedTitle("You Are (Not) Alone", 2007)),
        ("City (a.k.a. Gates, The (of) Hell) (1980)", DatedTitle("City", 1980, None, ["Gates, The (of) Hell"])),
    ],
)
def test_years_and_other_titles_in_brackets_are_read(given: str, title: DatedTitle) -> None:
    assert read_dated_title(given) == title
