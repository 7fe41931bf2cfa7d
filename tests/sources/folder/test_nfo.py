"""Notes of Kodi and Jellyfin: what of them gets in, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.upsert.item import PersonKey
from sources.folder.nfo import parse_nfo
from sources.source import SourceItem, Unreadable
from sources.warnings import Warnings
from tests.support.media_folder import items, lay, read, values

MOVIE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Heat</title><originaltitle>Heat!</originaltitle><sorttitle>heat 1</sorttitle>
  <ratings>
    <rating name="imdb" max="10"><value>8.3</value></rating>
    <rating name="metacritic" max="100" default="true"><value>76</value></rating>
  </ratings>
  <premiered>1995-12-15</premiered><runtime>170 min</runtime><mpaa>R</mpaa>
  <plot>A thief & a policeman.&nbsp;Both work.</plot><outline>Short.</outline><tagline>A Los Angeles story</tagline>
  <genre>Crime / Drama</genre><genre>Thriller</genre><tag>heist</tag><studio>Warner</studio><country>USA</country>
  <director>Michael Mann</director><credits>Michael Mann</credits><credits>Some One</credits>
  <actor><name>Robert De Niro</name><role>McCauley</role><order>1</order></actor>
  <actor><name>Al Pacino</name><role>Hanna</role><order>0</order></actor>
  <actor><name></name><role>Nobody</role></actor>
  <uniqueid type="tmdb" default="true">949</uniqueid><imdbid>tt0113277</imdbid>
  <set><name>Mann's</name><overview>All of them.</overview></set>
  <thumb aspect="poster">https://example.org/p.jpg</thumb><fanart><thumb>https://example.org/f.jpg</thumb></fanart>
  <thumb aspect="poster">file:///etc/passwd</thumb>
  <fileinfo><streamdetails>
    <video><codec>HEVC</codec><width>1920</width><height>800</height><durationinseconds>10200</durationinseconds></video>
    <audio><codec>ac3</codec></audio>
  </streamdetails></fileinfo>
</movie>
https://www.thetvdb.com/movies/4567
"""


async def item_of(root: Path, notes: str | bytes) -> SourceItem:
    lay(root, {"Heat (1995)/Heat.mkv": "video", "Heat (1995)/movie.nfo": notes})
    return (await items(root))["Heat (1995)/Heat.mkv"]


async def test_all_that_a_movies_notes_say_gets_in(tmp_path: Path) -> None:
    found = await item_of(tmp_path, MOVIE)

    assert dict(found.item.values) == {
        "kind": "MOVIE",
        "title": "Heat",
        "original_title": "Heat!",
        "year": 1995,
        "overview": "A thief & a policeman.\xa0Both work.",
        "runtime_minutes": 170,
        "rating_tenths": 76,
        "metadata": {
            "sort_title": "heat 1",
            "outline": "Short.",
            "premiered": "1995-12-15",
            "certification": "R",
            "studios": ["Warner"],
            "countries": ["USA"],
        },
    }
    lists: dict[str, Any] = {name: rows for name, rows in found.item.lists.items() if name != "files"}
    assert lists == {
        "genres": ["Crime", "Drama", "Thriller"],
        "tags": ["heist"],
        "taglines": ["A Los Angeles story"],
        "credits": [
            {"person_id": "Michael Mann", "role": "DIRECTOR"},
            {"person_id": "Michael Mann", "role": "WRITER"},
            {"person_id": "Some One", "role": "WRITER"},
            {"person_id": "Al Pacino", "role": "ACTOR", "character": "Hanna"},
            {"person_id": "Robert De Niro", "role": "ACTOR", "character": "McCauley"},
        ],
        "collections": [{"collection_id": "Mann's"}],
        "external_ids": [
            {"source": "imdb", "value": "tt0113277"},
            {"source": "tmdb", "value": "949"},
            {"source": "tvdb", "value": "4567"},
        ],
        "artwork": [
            {"type": "POSTER", "url": "https://example.org/p.jpg"},
            {"type": "BACKDROP", "url": "https://example.org/f.jpg"},
        ],
    }
    [file] = found.item.lists["files"]
    assert {name: file[name] for name in ("codecs", "width", "height", "duration_ms")} == {
        "codecs": ["hevc", "ac3"],
        "width": 1920,
        "height": 800,
        "duration_ms": 10_200_000,
    }


async def test_notes_of_series_seasons_and_double_episodes_are_read(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "Show/tvshow.nfo": "<tvshow><title>The Show</title><plot>P</plot><tvdbid>77</tvdbid></tvshow>",
            "Show/Season 1/season.nfo": "<season><title>The First</title></season>",
            "Show/Season 1/S01E01-E02.mkv": "video",
            "Show/Season 1/S01E01-E02.nfo": "<?xml version='1.0'?>\n<episodedetails>"
            "<title>Two</title><episode>2</episode>"
            "<uniqueid type='tvdb'>12</uniqueid></episodedetails>\n<?xml version='1.0'?>\n"
            "<episodedetails><title>One</title><episode>1</episode></episodedetails>",
        },
    )

    found = list((await items(tmp_path)).values())

    assert [values(one, "title") for one in found] == [("The Show",), ("The First",), ("One",), ("Two",)]
    assert [one.item.lists.get("external_ids") for one in found] == [
        [{"source": "tvdb_series", "value": "77"}],
        None,
        None,
        [{"source": "tvdb_episode", "value": "12"}],
    ]


@pytest.mark.parametrize(
    "notes",
    [
        b"\xef\xbb\xbf<movie><title>Caf\xc3\xa9</title></movie>",
        "<movie><title>Caf\xe9</title></movie>".encode("utf-16"),
        "<?xml version='1.0' encoding='ISO-8859-1'?><movie><title>Caf\xe9</title></movie>".encode("latin-1"),
        "<?xml version='1.0' encoding='UTF-8'?>"
        "<movie><title>Caf\xe9</title><plot>\xe0 la carte, d\xe9j\xe0 vu</plot></movie>".encode("cp1252"),
        "<?xml version='1.0' encoding='utf-16'?><movie><title>Caf\xe9</title></movie>".encode(),
        b"<movie><title>Caf&eacute;</title></movie>",
        b"Some text before\n<movie><title>\x01Caf\xc3\xa9\x0b</title></movie>\nhttps://www.imdb.com/title/tt0113277/",
    ],
)
async def test_whatever_its_encoding_a_note_is_read(tmp_path: Path, notes: bytes) -> None:
    assert values(await item_of(tmp_path, notes), "title") == ("Caf\xe9",)


def test_a_guessed_encoding_of_notes_is_told_once() -> None:
    noticed = Warnings()
    words = "<movie><title>Москва слезам не верит, или лёгкого паром</title></movie>" * 3
    for _ in range(2):
        assert parse_nfo(words.encode("cp1251"), noticed).roots[0].findtext("title") is not None
    for sure in (words.encode(), words.encode("utf-16"), b"<?xml encoding='cp1251'?>" + words.encode("cp1251")):
        parse_nfo(sure, noticed)
    assert list(noticed.found) == [
        "Notes (.nfo) that are not UTF-8 and say no encoding that fits are read as cp1251, a guess."
    ]


async def test_a_note_may_be_only_an_address(tmp_path: Path) -> None:
    found = await item_of(tmp_path, "https://www.themoviedb.org/movie/949-heat\nhttps://www.imdb.com/title/tt0113277/")

    assert values(found, "title", "year") == ("Heat", 1995)
    assert [(one["source"], one["value"]) for one in found.item.lists["external_ids"]] == [
        ("imdb", "tt0113277"),
        ("tmdb", "949"),
    ]


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY b{n} '{'&a;' * 10}'>" for n in range(9)) + "]>"


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        (f"{LAUGHS}<movie><title>&b8;</title></movie>", "It has a document type or entities: these are not read."),
        ("<!DOCTYPE m SYSTEM 'file:///etc/passwd'><movie/>", "It has a document type or entities: these are not read."),
        ("<movie><title>Heat", "It is not well-formed XML: mismatched tag: "),
        ("", "It is no XML, and has no address of a provider."),
        ("nothing", "It is no XML, and has no address of a provider."),
        ("<html></html>", "None of movie, tvshow, season, episodedetails, musicvideo, video is its root."),
        ("<" * 100_000 + ">", "It is not well-formed XML: "),
        ("<movie><title>" + "x" * 4_000_001, "It is larger than 4000000 bytes."),
    ],
)
async def test_what_cannot_be_read_is_told_and_the_movie_gets_in(tmp_path: Path, notes: str, reason: str) -> None:
    lay(tmp_path, {"Heat (1995)/Heat.mkv": "video", "Heat (1995)/Heat.nfo": notes or "\n"})

    fault, item = await read(tmp_path)

    assert isinstance(fault, Unreadable)
    assert fault.where == "Heat (1995)/Heat.nfo"
    assert fault.reason.startswith(reason)
    assert isinstance(item, SourceItem)
    assert values(item, "title", "year") == ("Heat", 1995)


async def test_values_that_cannot_be_stored_are_left_out(tmp_path: Path) -> None:
    notes = f"""<movie><title>{"x" * 600}</title><year>99999</year><rating>99</rating><runtime>-5</runtime>
    <genre>{"g" * 300}</genre><genre> </genre><tag>​</tag><uniqueid type="a:b">1</uniqueid><id>12</id>
    {"<actor><name>A</name></actor>" * 3}{"".join(f"<tag>t{n}</tag>" for n in range(400))}</movie>"""

    found = await item_of(tmp_path, notes)

    assert values(found, "title", "year", "rating_tenths", "runtime_minutes") == ("x" * 500, 1995, None, None)
    assert [len(str(one)) for one in found.item.lists["genres"]] == [200]
    assert len(found.item.lists["tags"]) == 256
    assert found.item.lists["credits"] == [{"person_id": "A", "role": "ACTOR", "character": None}]
    assert "external_ids" not in found.item.lists


def test_a_hundred_thousand_levels_of_elements_are_no_harm() -> None:
    deep = "<movie>" + "<a>" * 100_000 + "</a>" * 100_000 + "</movie>"

    assert [one.tag for one in parse_nfo(deep.encode()).roots] == ["movie"]


async def test_people_have_the_ids_that_stand_with_them(tmp_path: Path) -> None:
    notes = """<movie><title>Heat</title>
    <director tmdbid="638">Michael Mann</director><credits imdbid="nm1">A / B</credits>
    <actor><name>Al Pacino</name><tmdbid>1158</tmdbid><imdbid>nm0000199</imdbid></actor>
    <actor><name>Al Pacino</name><tmdbid>0</tmdbid><imdbid> </imdbid></actor>
    <actor><name>Al Pacino</name><tmdbid>7</tmdbid></actor></movie>"""

    found = await item_of(tmp_path, notes)

    actors = [PersonKey("Al Pacino", (("imdb", "nm0000199"), ("tmdb", "1158"))), "Al Pacino"]
    assert found.item.lists["credits"] == [
        {"person_id": PersonKey("Michael Mann", (("tmdb", "638"),)), "role": "DIRECTOR"},
        {"person_id": "A", "role": "WRITER"},
        {"person_id": "B", "role": "WRITER"},
        *(
            {"person_id": one, "role": "ACTOR", "character": None}
            for one in (*actors, PersonKey("Al Pacino", (("tmdb", "7"),)))
        ),
    ]
