"""Which files make one media, and on what it hangs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.source import SourceItem
from tests.support.media_folder import items, keys, lay, paths, read, values


async def test_versions_and_parts_of_a_movie_are_files_of_one_media(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            "Heat (1995)/Heat (1995) - 1080p.mkv",
            "Heat (1995)/Heat (1995) - 4K.mkv",
            "Alien cd1.avi",
            "Alien cd2.avi",
            "Dune Part One (2021).mkv",
            "Dune Part Two (2024).mkv",
        ],
    )

    found = await items(tmp_path)

    assert [(values(one, "kind", "title", "year"), paths(tmp_path, one)) for one in found.values()] == [
        (("MOVIE", "Alien", None), ["Alien cd1.avi", "Alien cd2.avi"]),
        (("MOVIE", "Dune Part One", 2021), ["Dune Part One (2021).mkv"]),
        (("MOVIE", "Dune Part Two", 2024), ["Dune Part Two (2024).mkv"]),
        (
            ("MOVIE", "Heat", 1995),
            ["Heat (1995)/Heat (1995) - 1080p.mkv", "Heat (1995)/Heat (1995) - 4K.mkv"],
        ),
    ]


async def test_episodes_hang_on_seasons_and_these_on_series_which_come_first(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            "Show (2010)/Season 1/Show - S01E01 - Pilot.mkv",
            "Show (2010)/Season 1/Show - S01E02.mkv",
            "Show (2010)/Specials/Show - S00E01.mkv",
        ],
    )

    found = list((await items(tmp_path)).values())

    assert [(one.key, one.parent) for one in found] == [
        ("Show (2010)/", None),
        ("Show (2010)/?season=1", "Show (2010)/"),
        ("Show (2010)/Season 1/Show - S01E01 - Pilot.mkv", "Show (2010)/?season=1"),
        ("Show (2010)/Season 1/Show - S01E02.mkv", "Show (2010)/?season=1"),
        ("Show (2010)/?season=0", "Show (2010)/"),
        ("Show (2010)/Specials/Show - S00E01.mkv", "Show (2010)/?season=0"),
    ]
    assert [values(one, "kind", "title", "year", "season_number", "episode_number") for one in found] == [
        ("SERIES", "Show", 2010, None, None),
        ("SEASON", "Season 1", None, 1, None),
        ("EPISODE", "Pilot", None, 1, 1),
        ("EPISODE", "Episode 2", None, 1, 2),
        ("SEASON", "Specials", None, 0, None),
        ("EPISODE", "Episode 1", None, 0, 1),
    ]


async def test_episodes_that_lie_among_others_have_a_series_of_their_folder(tmp_path: Path) -> None:
    lay(tmp_path, ["TV/Lost.S02E01.mkv", "TV/Lost.S02E02.mkv", "TV/Taboo (2017) - S01E01.mkv"])

    assert await keys(tmp_path) == [
        "TV/?series=lost",
        "TV/?series=lost?season=2",
        "TV/Lost.S02E01.mkv",
        "TV/Lost.S02E02.mkv",
        "TV/?series=taboo|2017",
        "TV/?series=taboo|2017?season=1",
        "TV/Taboo (2017) - S01E01.mkv",
    ]


async def test_a_file_with_two_episodes_is_the_first_ones_and_the_second_says_so(tmp_path: Path) -> None:
    lay(tmp_path, ["Show/Season 1/Show - S01E01-E02 - Pilot.mkv"])

    *_, first, second = (await items(tmp_path)).values()

    assert (first.key, values(first, "title", "episode_number", "metadata")) == (
        "Show/Season 1/Show - S01E01-E02 - Pilot.mkv",
        ("Pilot", 1, {"episodes": [1, 2]}),
    )
    assert (second.key, second.parent, values(second, "title", "episode_number", "metadata")) == (
        "Show/Season 1/Show - S01E01-E02 - Pilot.mkv#2",
        "Show/?season=1",
        ("Episode 2", 2, {"episodes": [1, 2], "in_file_of_episode": 1}),
    )
    assert (len(paths(tmp_path, first)), paths(tmp_path, second)) == (1, [])


async def test_absolute_numbers_and_dates_hang_on_the_series_itself(tmp_path: Path) -> None:
    lay(tmp_path, ["One Piece/[G] One Piece - 1071 [1080p].mkv", "The Daily/The Daily - 2024-05-17 - A Guest.mkv"])

    found = await items(tmp_path)

    anime = found["One Piece/[G] One Piece - 1071 [1080p].mkv"]
    broadcast = found["The Daily/The Daily - 2024-05-17 - A Guest.mkv"]
    assert (anime.parent, values(anime, "title", "season_number", "episode_number")) == (
        "One Piece/",
        ("Episode 1071", None, 1071),
    )
    assert (broadcast.parent, values(broadcast, "title", "year", "metadata")) == (
        "The Daily/",
        ("A Guest (2024-05-17)", 2024, {"premiered": "2024-05-17"}),
    )


EXTRAS = [
    "Heat (1995)/Heat.mkv",
    "Heat (1995)/Heat-trailer.mkv",
    "Heat (1995)/Heat-sample.mkv",
    "Heat (1995)/sample.mkv",
    "Heat (1995)/Featurettes/Making of.mkv",
    "Heat (1995)/Sample/heat.mkv",
    "Trailers/Not an extra (1999).mkv",
]


async def test_extras_are_passed_over_unless_they_are_asked_for_and_samples_always(tmp_path: Path) -> None:
    lay(tmp_path, EXTRAS)

    found = await items(tmp_path, extras="clips")

    assert await keys(tmp_path) == ["Heat (1995)/Heat.mkv", "Trailers/Not an extra (1999).mkv"]
    assert [(one.key, *values(one, "kind", "title", "metadata")) for one in found.values()] == [
        ("Heat (1995)/Heat-trailer.mkv", "CLIP", "Heat-trailer", {"extra": "trailer"}),
        ("Heat (1995)/Heat.mkv", "MOVIE", "Heat", None),
        ("Heat (1995)/Featurettes/Making of.mkv", "CLIP", "Heat (1995): Making of", {"extra": "featurettes"}),
        ("Trailers/Not an extra (1999).mkv", "MOVIE", "Not an extra", None),
    ]


async def test_folders_of_discs_are_one_media_and_so_are_images(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "Disc (1999)/VIDEO_TS/VTS_01_1.VOB": "12345",
            "Disc (1999)/VIDEO_TS/VIDEO_TS.IFO": "123",
            "Blue (2001)/BDMV/STREAM/00001.m2ts": "1",
            "Image (2000).iso": "1",
        },
    )

    found = await items(tmp_path)

    assert [(one.key, *values(one, "title", "year")) for one in found.values()] == [
        ("Image (2000).iso", "Image", 2000),
        ("Blue (2001)/BDMV", "Blue", 2001),
        ("Disc (1999)/VIDEO_TS", "Disc", 1999),
    ]
    [file] = found["Disc (1999)/VIDEO_TS"].item.lists["files"]
    assert (file["size"], file["container"]) == (8, "dvd")


async def test_reading_goes_on_behind_any_position_and_loses_nothing(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [*EXTRAS, "Show/Season 1/S01E01E02.mkv", "Show/Season 1/S01E03.mkv", "TV/Lost.S02E01.mkv", "Empty.mkv"],
    )
    lay(tmp_path, {"Empty.mkv": "", "Disc/VIDEO_TS/A.VOB": "1"})
    found = await read(tmp_path, extras="clips")

    for place, one in enumerate(found, 1):
        rest = await read(tmp_path, one.position, extras="clips")
        known = {one.key for one in found[:place] if isinstance(one, SourceItem)}
        again = [one for one in rest if isinstance(one, SourceItem) and one.key in known]
        assert [item for item in found[place:] if item not in rest] == []
        assert all(one.item.values["kind"] in ("SERIES", "SEASON") or "#" not in one.key for one in again)
    assert await read(tmp_path, found[-1].position, extras="clips") == []


@pytest.mark.parametrize("gone", ["Movies/B (2001).mkv", "Movies"])
async def test_reading_goes_on_where_the_position_itself_is_gone(tmp_path: Path, gone: str) -> None:
    lay(tmp_path, ["A (2000).mkv", "Movies/B (2001).mkv", "Z/C (2002).mkv"])
    (tmp_path / "Movies/B (2001).mkv").unlink()
    if gone == "Movies":
        (tmp_path / gone).rmdir()

    assert [one.key for one in await read(tmp_path, "Movies/B (2001).mkv") if isinstance(one, SourceItem)] == [
        "Z/C (2002).mkv"
    ]


async def test_the_fingerprint_changes_with_files_and_sidecars_and_with_nothing_else(tmp_path: Path) -> None:
    lay(tmp_path, ["Heat (1995)/Heat.mkv", "Heat (1995)/Heat.en.srt"])

    async def fingerprint() -> bytes | None:
        return (await items(tmp_path))["Heat (1995)/Heat.mkv"].fingerprint

    first = await fingerprint()
    assert await fingerprint() == first
    lay(tmp_path, {"Heat (1995)/Heat.en.srt": "longer than before, it is"})
    second = await fingerprint()
    lay(tmp_path, ["Heat (1995)/poster.jpg"])
    third = await fingerprint()
    lay(tmp_path, {"Heat (1995)/Heat.mkv": "another"})
    assert len({first, second, third, await fingerprint()}) == 4


async def test_a_moved_file_has_the_hash_that_it_had(tmp_path: Path) -> None:
    lay(tmp_path, {"Heat (1995).mkv": b"a" * 200_000, "Other (1999).mkv": b"a" * 100_000 + b"b" + b"a" * 99_999})
    before = await items(tmp_path)
    (tmp_path / "Movies").mkdir()
    (tmp_path / "Heat (1995).mkv").rename(tmp_path / "Movies/Heat.1995.mkv")

    after = await items(tmp_path)

    def hash_of(item: SourceItem) -> object:
        return item.item.lists["files"][0]["hash"]

    assert hash_of(after["Movies/Heat.1995.mkv"]) == hash_of(before["Heat (1995).mkv"])
    assert str(hash_of(before["Heat (1995).mkv"])).startswith("blake2b-ends:")


async def test_a_series_is_told_once_whatever_comes_after_its_last_episode(tmp_path: Path) -> None:
    lay(tmp_path, ["A/Season 1/A - S01E01.mkv", "A/Season 1/A - S01E02.mkv", "B/Season 1/B - S01E01.mkv"])
    found = await keys(tmp_path)
    assert len(found) == len(set(found)) == 7
