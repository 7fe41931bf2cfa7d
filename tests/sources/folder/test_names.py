"""Names of files: the measure, and the cases that the rules are for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sources.folder.names import NameFacts, read_name
from tests.support.names import NAMES, document, read_all, readings, shares

SONARR = NAMES.with_name("names-sonarr.jsonl")


def test_so_many_names_are_read_right() -> None:
    assert shares(readings()) == {
        "guessit": (909, 921),
        "ptt": (141, 176),
        "ptn": (73, 75),
        "go-ptn": (9, 13),
        "thcolin": (145, 147),
        "anitomy": (127, 178),
    }


def test_the_document_lists_what_is_read_wrong() -> None:
    written = Path("docs/names.md").read_text(encoding="utf-8")

    assert written == document(readings()), "python -m tests.support.names > docs/names.md"


def test_so_many_of_sonarrs_names_are_read_right() -> None:
    found = read_all(SONARR)

    assert (sum(not one.wrong for one in found), len(found)) == (414, 439)


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("2012 (2009).mkv", "2012", 2009),
        ("1917.mkv", "1917", None),
        ("1917 (2019)/1917 (2019).mkv", "1917", 2019),
        ("300.mkv", "300", None),
        ("2001 A Space Odyssey.mkv", "2001 A Space Odyssey", None),
        ("2001.A.Space.Odyssey.1968.1080p.BluRay.x264-GRP.mkv", "2001 A Space Odyssey", 1968),
        ("Blade Runner 2049.mkv", "Blade Runner 2049", None),
        ("Blade.Runner.2049.2017.1080p.mkv", "Blade Runner 2049", 2017),
        ("(500) Days of Summer (2009).mkv", "(500) Days of Summer", 2009),
        ("22.Jump.Street.GERMAN.DL.1080p.BluRay.x264-GRP.mkv", "22 Jump Street", None),
        ("Spider-Man.No.Way.Home.2021.2160p.mkv", "Spider-Man No Way Home", 2021),
        ("Dune.Part.Two.2024.2160p.WEB-DL.mkv", "Dune Part Two", 2024),
        ("The Godfather Part II (1974).mkv", "The Godfather Part II", 1974),
        ("Mission: Impossible - Fallout (2018).mkv", "Mission: Impossible - Fallout", 2018),
        ("S.W.A.T.2003.mkv", "S.W.A.T.", 2003),
        ("Star Wars Episode 5 The Empire Strikes Back 1980.mkv", "Star Wars Episode 5 The Empire Strikes Back", 1980),
        ("Cafe\u0301 (2001).mkv", "Caf\xe9", 2001),
    ],
)
def test_numbers_and_dashes_stay_in_titles_of_movies(name: str, title: str, year: int | None) -> None:
    assert read_name(name) == NameFacts(title, is_episode=False, year=year)


@pytest.mark.parametrize(
    ("name", "title", "seasons", "episodes"),
    [
        ("Show - S01E01-E02 - Pilot.mkv", "Show", (1,), (1, 2)),
        ("Star Trek - Deep Space Nine - S01E01.mkv", "Star Trek - Deep Space Nine", (1,), (1,)),
        ("Show.S01E01E02E03.mkv", "Show", (1,), (1, 2, 3)),
        ("Show.1x01-1x03.mkv", "Show", (1,), (1, 2, 3)),
        ("Show.S05E06-8.720p.mkv", "Show", (5,), (6, 7, 8)),
        ("Show.S02E13-3_Acts.mkv", "Show", (2,), (13,)),
        ("Show - S02E01 1920x1080.mkv", "Show", (2,), (1,)),
        ("24.S01E01.720p.mkv", "24", (1,), (1,)),
        ("Show/Season 1/01 - Pilot.mkv", "Show", (1,), (1,)),
        ("Show/Specials/Show - S00E03.mkv", "Show", (0,), (3,)),
        ("Show/Season 1/S01E01E02.mkv", "Show", (1,), (1, 2)),
        ("[Group] One Piece - 1071 (1080p) [ABCDEF12].mkv", "One Piece", (), (1071,)),
        ("[Group] Series 100 - 07 [1080p].mkv", "Series 100", (), (7,)),
        ("[Group][Some Title][07][1080p].mkv", "Some Title", (), (7,)),
        ("[Group] Tower of Druaga - Sword of Uruk - 04 [480p].mkv", "Tower of Druaga - Sword of Uruk", (), (4,)),
    ],
)
def test_numbers_of_episodes_are_read(
    name: str, title: str, seasons: tuple[int, ...], episodes: tuple[int, ...]
) -> None:
    facts = read_name(name)

    assert (facts.title, facts.is_episode, facts.seasons, facts.episodes) == (title, True, seasons, episodes)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("The Show - 2024-05-17 - Guest.mkv", date(2024, 5, 17)),
        ("The.Show.2012.16.02.PDTV.mkv", date(2012, 2, 16)),
        ("The Show - 30-04-2024.mkv", date(2024, 4, 30)),
        ("The.Show.140722.720p.HDTV.mkv", date(2014, 7, 22)),
    ],
)
def test_broadcasts_are_told_apart_by_their_dates(name: str, day: date) -> None:
    facts = read_name(name)

    assert (facts.title, facts.is_episode, facts.date, facts.seasons, facts.episodes) == ("The Show", True, day, (), ())


def test_names_that_cameras_give_are_titles_as_they_are() -> None:
    assert read_name("Videos/VID_20200101_120000.mp4") == NameFacts("VID_20200101_120000", is_episode=False)


def test_ids_of_providers_are_taken_from_files_and_folders() -> None:
    facts = read_name("Movies/Heat (1995) {tmdb-949}/Heat (1995) [imdbid-tt0113277].mkv")

    assert facts == NameFacts("Heat", False, 1995, ids={"tmdb": "949", "imdb": "tt0113277"})
    assert read_name("Heat [tt0113277].mkv").ids == {"imdb": "tt0113277"}


def test_series_of_one_title_are_told_apart_by_their_country() -> None:
    facts = read_name("The.Office.US.S02E01.mkv")

    assert (facts.title, facts.country) == ("The Office", "US")


@pytest.mark.parametrize(
    "name", [".mkv", "   .mkv", "[[[[[.mkv", "- - -.mkv", "1" * 250, "a." * 120, "[]" * 60, "\u202e.mkv"]
)
def test_hostile_names_come_to_something(name: str) -> None:
    assert read_name(name).is_episode in (True, False)
