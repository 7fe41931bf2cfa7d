"""Texts that are not UTF-8: every source of texts reads them alike, says what it guesses, and takes what it is told."""

from __future__ import annotations

import codecs
import gzip
import json
from pathlib import Path

import pytest

from sources import encodings
from sources.encodings import MARK_BYTES, Encoding, encoding_of
from sources.formats import open_source
from sources.source import Source, SourceError, warnings_of
from sources.text_lines import opened_utf8
from tests.support.reading import check_resuming, failures_of, read_all, titles_of

TITLES = ["Léon, der Profi", "Die fabelhafte Welt der Amélie", "Männer, die auf Ziegen starren"]
RUSSIAN = ["Жизнь прекрасна", "Ирония судьбы, или лёгкого паром!", "Москва слезам не верит"]


def text_of(format: str, titles: list[str]) -> str:
    if format == "jsonl":
        return "\n".join(json.dumps({"title": title}, ensure_ascii=False) for title in titles)
    if format == "json":
        return json.dumps([{"title": title} for title in titles], ensure_ascii=False)
    if format == "wikipedia-movies":
        none = {"year": 1999, "cast": [], "genres": [], "href": None}
        return json.dumps([{"title": title, **none} for title in titles], ensure_ascii=False)
    return "movieId,title,genres\n" + "\n".join(f'{place},"{title}",' for place, title in enumerate(titles))


async def opened(folder: Path, format: str, content: bytes, **options: str) -> Source:
    path = folder / ("movies.csv" if format == "movielens" else f"a.{format}")
    path.write_bytes(content)
    location = folder if format == "movielens" else path
    return (await open_source(str(location), format, options)).source


FORMATS = ["jsonl", "json", "wikipedia-movies", "csv", "movielens"]


def guesses_of(source: Source) -> list[str]:
    return [one for one in warnings_of(source) if "a guess" in one]


@pytest.mark.parametrize("format", FORMATS)
async def test_a_guessed_encoding_is_told_and_another_one_can_be_said(tmp_path: Path, format: str) -> None:
    many = [f"{title} {number}" for number in range(20) for title in RUSSIAN]
    for encoding, titles in (("utf-16-le", TITLES), ("cp1251", many)):
        source = await opened(tmp_path, format, text_of(format, titles).encode(encoding))
        assert titles_of(await read_all(source)) == titles
        name = "movies.csv" if format == "movielens" else f"a.{format}"
        assert guesses_of(source) == [
            f"{name} is not UTF-8. It is read as {encoding}, a guess: the option encoding says another."
        ]
    source = await opened(tmp_path, format, text_of(format, RUSSIAN).encode("koi8-r"), encoding="koi8-r")
    assert (titles_of(await read_all(source)), guesses_of(source)) == (RUSSIAN, [])


@pytest.mark.parametrize("format", FORMATS)
async def test_what_is_sure_is_no_guess(tmp_path: Path, format: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        content = text_of(format, RUSSIAN).encode(encoding)
        for given in ({}, {"encoding": encoding.removesuffix("-sig")}):
            source = await opened(tmp_path, format, content, **given)
            assert (titles_of(await read_all(source)), guesses_of(source)) == (RUSSIAN, [])


@pytest.mark.parametrize("format", FORMATS)
async def test_an_encoding_that_there_is_not_is_refused(tmp_path: Path, format: str) -> None:
    for wrong in ("utf-9", "idna", "hex", "a\0b", "unicode_escape", "raw_unicode_escape", "x" * 100_000):
        with pytest.raises(SourceError, match=r"\AThere is no encoding (?s:.{,200})\Z"):
            await read_all(await opened(tmp_path, format, text_of(format, TITLES).encode(), encoding=wrong))


@pytest.mark.parametrize("format", FORMATS)
async def test_rows_in_another_encoding_are_told_and_the_others_get_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr(encodings, "SAMPLE_BYTES", 500)
    plain = [f"Plain {number}" for number in range(100)]
    text = text_of(format, [*plain, "@@", RUSSIAN[0], "Last"])
    content = text.encode().replace(b"@@", TITLES[0].encode("cp1252"))
    assert content.index(b"L\xe9on") > 500
    source = await opened(tmp_path, format, content)
    found = await read_all(source)
    assert titles_of(found) == [*plain, RUSSIAN[0], "Last"]
    [(_, reason)] = failures_of(found)
    assert "UTF-8" in reason or "the option encoding says another" in reason
    assert guesses_of(source) == []


@pytest.mark.parametrize("format", ["jsonl", "json"])
async def test_reading_goes_on_within_other_encodings(tmp_path: Path, format: str) -> None:
    text = text_of(format, [*RUSSIAN * 3, "\ufffd", TITLES[1]])
    for encoding in ("utf-16", "shift_jis", "cp1251", "gb18030"):
        content = text.encode(encoding, "ignore")
        await check_resuming(await opened(tmp_path, format, content, encoding=encoding))
        await check_resuming(await opened(tmp_path, format, gzip.compress(content), encoding=encoding))


async def test_letters_of_which_a_byte_looks_like_a_bracket_are_read(tmp_path: Path) -> None:
    titles = ["ソードアート", "能力", "表示", "十二人の怒れる男"]  # in Shift JIS each has a byte that is a backslash
    content = text_of("json", titles).encode("shift_jis")
    assert b"\\" in content
    source = await opened(tmp_path, "json", content, encoding="shift_jis")
    assert titles_of(await read_all(source)) == titles


def test_a_damaged_letter_makes_no_other_encoding_of_utf8() -> None:
    assert encoding_of("Жизнь ".encode() * 10 + b"\xe9 ") == Encoding("utf-8")
    assert encoding_of("Жизнь".encode("cp1251") * 10).is_guessed
    assert encoding_of("Жизнь".encode()[:-1]) == Encoding("utf-8")
    assert encoding_of(b"") == Encoding("utf-8")
    assert MARK_BYTES == 4


def test_what_does_not_fit_an_encoding_is_no_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for encoding, content in (("utf-16-le", b"a\0\0\xd8b\0"), ("cp1252", b"a\x81b"), ("shift_jis", b"a\xff\xa9b")):
        path.write_bytes(content)
        with opened_utf8(str(path), encoding) as file:
            found = file.read()
        with pytest.raises(UnicodeDecodeError):
            found.decode()
        assert (found[:1], found[-1:]) == (b"a", b"b")


@pytest.mark.parametrize("format", FORMATS)
async def test_a_replacement_character_that_the_text_has_itself_is_no_damage(tmp_path: Path, format: str) -> None:
    titles = ["A \ufffd", "Léon"]
    for encoding in ("utf-8", "gb18030"):
        source = await opened(tmp_path, format, text_of(format, titles).encode(encoding), encoding=encoding)
        found = await read_all(source)
        assert (titles_of(found), failures_of(found)) == (titles, [])


def test_names_of_no_encoding_do_not_reach_the_codecs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(codecs, "lookup", refused)
    for name in ("x" * 41, "a b", "Ä", ""):
        with pytest.raises(SourceError):
            encodings.checked_encoding(name)
