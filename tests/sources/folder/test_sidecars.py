"""Pictures and subtitles beside a media's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.folder.languages import language_tag
from tests.support.media_folder import items, lay


async def test_pictures_are_those_of_the_file_and_of_a_folder_that_has_nothing_else(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            "Heat (1995)/Heat.mkv",
            "Heat (1995)/poster.jpg",
            "Heat (1995)/Heat-fanart.png",
            "Heat (1995)/backdrop2.webp",
            "Heat (1995)/logo.png",
            "Heat (1995)/Heat-thumb.jpg",
            "Heat (1995)/banner.jpg",
            "Heat (1995)/notes.jpg",
            "Two/A (2000).mkv",
            "Two/A (2000).jpg",
            "Two/A (2000) B.jpg",
            "Two/B (2001).mkv",
            "Two/poster.jpg",
        ],
    )

    found = await items(tmp_path)

    assert [
        (key, [(one["type"], Path(one["path"]).name) for one in item.item.lists.get("artwork", ())])
        for key, item in found.items()
    ] == [
        (
            "Heat (1995)/Heat.mkv",
            [
                ("BACKDROP", "Heat-fanart.png"),
                ("THUMBNAIL", "Heat-thumb.jpg"),
                ("BACKDROP", "backdrop2.webp"),
                ("THUMBNAIL", "banner.jpg"),
                ("LOGO", "logo.png"),
                ("POSTER", "poster.jpg"),
            ],
        ),
        ("Two/A (2000).mkv", [("POSTER", "A (2000).jpg")]),
        ("Two/B (2001).mkv", []),
    ]
    [first, *_] = found["Two/A (2000).mkv"].item.lists["artwork"]
    assert first == {
        "type": "POSTER",
        "url": (tmp_path / "Two/A (2000).jpg").as_uri(),
        "state": "DOWNLOADED",
        "path": str(tmp_path / "Two/A (2000).jpg"),
    }


async def test_series_and_seasons_have_pictures_of_their_own(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            "Show/poster.jpg",
            "Show/season01-poster.jpg",
            "Show/season-specials-fanart.jpg",
            "Show/Season 1/folder.jpg",
            "Show/Season 1/S01E01.mkv",
            "Show/Season 1/S01E01-thumb.jpg",
            "Show/Season 0/S00E01.mkv",
        ],
    )

    found = await items(tmp_path)

    assert {
        key: [Path(one["path"]).name for one in item.item.lists.get("artwork", ())] for key, item in found.items()
    } == {
        "Show/": ["poster.jpg"],
        "Show/?season=0": ["season-specials-fanart.jpg"],
        "Show/Season 0/S00E01.mkv": [],
        "Show/?season=1": ["folder.jpg", "season01-poster.jpg"],
        "Show/Season 1/S01E01.mkv": ["S01E01-thumb.jpg"],
    }


@pytest.mark.parametrize(
    ("name", "language", "forced", "impaired"),
    [
        ("Heat.en.srt", "en", False, False),
        ("Heat.eng.forced.srt", "en", True, False),
        ("Heat.ger.sdh.ass", "de", False, True),
        ("Heat.pt-BR.srt", "pt-BR", False, False),
        ("Heat.pob.srt", "pt-BR", False, False),
        ("Heat.zh-Hans.srt", "zh-Hans", False, False),
        ("Heat.hi.srt", "hi", False, False),
        ("Heat.en.hi.srt", "en", False, True),
        ("Heat.English.cc.srt", "en", False, True),
        ("Heat.srt", "und", False, False),
        ("Heat.default.French.vtt", "fr", False, False),
        ("Subs/2_Spanish.srt", "es", False, False),
        ("Subs/Heat/3_German.srt", "de", False, False),
        ("Subs/Heat.ita.srt", "it", False, False),
    ],
)
async def test_subtitles_tell_their_language_and_for_whom_they_are(
    tmp_path: Path, name: str, language: str, forced: bool, impaired: bool
) -> None:
    lay(tmp_path, ["Heat (1995)/Heat.mkv", f"Heat (1995)/{name}", "Heat (1995)/Heater.fr.srt"])

    [found] = (await items(tmp_path)).values()

    path = tmp_path / "Heat (1995)" / name
    assert found.item.lists["subtitles"] == [
        {
            "language": language,
            "format": path.suffix[1:],
            "path": str(path),
            "url": path.as_uri(),
            "is_forced": forced,
            "is_for_hearing_impaired": impaired,
            "state": "DOWNLOADED",
        }
    ]


@pytest.mark.parametrize("word", ["", "x", "qqq", "heat", "1080p", "\u202e"])
def test_other_words_are_no_language(word: str) -> None:
    assert language_tag(word) is None
