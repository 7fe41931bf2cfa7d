"""Movies of the facts that the demo's owner has on disk: with ids, files, subtitles, collections and channels.

The ids are facts; files, subtitles and channels are made up."""

from __future__ import annotations

from typing import NamedTuple

TRILOGIES = {
    "The Matrix Collection": ("The Matrix", "The Matrix Reloaded", "The Matrix Revolutions"),
    "Back to the Future Trilogy": (
        "Back to the Future",
        "Back to the Future Part II",
        "Back to the Future Part III",
    ),
    "Toy Story Collection": ("Toy Story", "Toy Story 2"),
}


class OwnedMovie(NamedTuple):
    """A movie by title and year. channel: that broadcasts it."""

    title: str
    year: int
    imdb: str
    channel: str


NIGHT, FAMILY = "Night Owl", "Family Hour"
CHANNELS = (NIGHT, FAMILY)

OWNED = (
    OwnedMovie("The Matrix", 1999, "tt0133093", NIGHT),
    OwnedMovie("The Matrix Reloaded", 2003, "tt0234215", NIGHT),
    OwnedMovie("The Matrix Revolutions", 2003, "tt0242653", NIGHT),
    OwnedMovie("Back to the Future", 1985, "tt0088763", FAMILY),
    OwnedMovie("Back to the Future Part II", 1989, "tt0096874", FAMILY),
    OwnedMovie("Back to the Future Part III", 1990, "tt0099088", FAMILY),
    OwnedMovie("Toy Story", 1995, "tt0114709", FAMILY),
    OwnedMovie("Toy Story 2", 1999, "tt0120363", FAMILY),
    OwnedMovie("E.T. the Extra-Terrestrial", 1982, "tt0083866", FAMILY),
    OwnedMovie("Groundhog Day", 1993, "tt0107048", FAMILY),
    OwnedMovie("Ghostbusters", 1984, "tt0087332", FAMILY),
    OwnedMovie("Raiders of the Lost Ark", 1981, "tt0082971", FAMILY),
    OwnedMovie("Jurassic Park", 1993, "tt0107290", FAMILY),
    OwnedMovie("Blade Runner", 1982, "tt0083658", NIGHT),
    OwnedMovie("The Terminator", 1984, "tt0088247", NIGHT),
    OwnedMovie("Terminator 2: Judgment Day", 1991, "tt0103064", NIGHT),
    OwnedMovie("Aliens", 1986, "tt0090605", NIGHT),
    OwnedMovie("Die Hard", 1988, "tt0095016", NIGHT),
    OwnedMovie("The Silence of the Lambs", 1991, "tt0102926", NIGHT),
    OwnedMovie("Pulp Fiction", 1994, "tt0110912", NIGHT),
    OwnedMovie("Heat", 1995, "tt0113277", NIGHT),
    OwnedMovie("Fargo", 1996, "tt0116282", NIGHT),
    OwnedMovie("The Big Lebowski", 1998, "tt0118715", NIGHT),
    OwnedMovie("Fight Club", 1999, "tt0137523", NIGHT),
    OwnedMovie("Memento", 2000, "tt0209144", NIGHT),
)
