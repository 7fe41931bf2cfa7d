"""Series of the demo: facts of first broadcasts, titles and ids."""

from __future__ import annotations

from typing import NamedTuple


class Show(NamedTuple):
    """A series. seasons: by number from 1, year and titles of episodes; people: its creators."""

    slug: str
    title: str
    imdb: str
    genres: tuple[str, ...]
    creators: tuple[str, ...]
    runtime: int
    seasons: tuple[tuple[int, tuple[str, ...]], ...]


SHOWS = (
    Show(
        "fawlty-towers",
        "Fawlty Towers",
        "tt0072500",
        ("Comedy",),
        ("John Cleese", "Connie Booth"),
        32,
        (
            (
                1975,
                (
                    "A Touch of Class",
                    "The Builders",
                    "The Wedding Party",
                    "The Hotel Inspectors",
                    "Gourmet Night",
                    "The Germans",
                ),
            ),
            (
                1979,
                (
                    "Communication Problems",
                    "The Psychiatrist",
                    "Waldorf Salad",
                    "The Kipper and the Corpse",
                    "The Anniversary",
                    "Basil the Rat",
                ),
            ),
        ),
    ),
    Show(
        "firefly",
        "Firefly",
        "tt0303461",
        ("Science Fiction", "Western"),
        ("Joss Whedon",),
        44,
        (
            (
                2002,
                (
                    "Serenity",
                    "The Train Job",
                    "Bushwhacked",
                    "Shindig",
                    "Safe",
                    "Our Mrs. Reynolds",
                    "Jaynestown",
                    "Out of Gas",
                    "Ariel",
                    "War Stories",
                    "Trash",
                    "The Message",
                    "Heart of Gold",
                    "Objects in Space",
                ),
            ),
        ),
    ),
    Show(
        "band-of-brothers",
        "Band of Brothers",
        "tt0185906",
        ("Drama", "War"),
        ("Tom Hanks", "Steven Spielberg"),
        60,
        (
            (
                2001,
                (
                    "Currahee",
                    "Day of Days",
                    "Carentan",
                    "Replacements",
                    "Crossroads",
                    "Bastogne",
                    "The Breaking Point",
                    "The Last Patrol",
                    "Why We Fight",
                    "Points",
                ),
            ),
        ),
    ),
    Show(
        "chernobyl",
        "Chernobyl",
        "tt7366338",
        ("Drama", "Historical"),
        ("Craig Mazin",),
        65,
        (
            (
                2019,
                (
                    "1:23:45",
                    "Please Remain Calm",
                    "Open Wide, O Earth",
                    "The Happiness of All Mankind",
                    "Vichnaya Pamyat",
                ),
            ),
        ),
    ),
)
