"""CSV: encodings, delimiters and columns are found out or said; rows that do not fit are told."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from catalog.upsert.item import Status
from sources import csv_rows
from sources.binary_file import shown
from sources.csv_file import CsvSource
from sources.formats import open_source
from sources.source import SourceError, Unreadable, Warned
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.reading import (
    check_resuming,
    failures_of,
    import_all,
    items_of,
    read_all,
    read_location,
    titles_of,
)


def written(folder: Path, content: bytes | str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
async def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    text = "Title;Year;Director\n" + "Das weiße Band;2009;Michael Haneke\nDie Büchse der Pandora;1929;Süß, Änne\n" * 3
    found = await read_location(written(tmp_path, text.encode(encoding)))
    assert titles_of(found)[:2] == ["Das weiße Band", "Die Büchse der Pandora"]
    assert failures_of(found) == []


async def test_the_encoding_may_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, "title,year\nЖизнь,2021\n".encode("koi8-r"))
    assert titles_of(await read_location(path, encoding="koi8-r")) == ["Жизнь"]
    for wrong in ("nothing", "rot13", "base64", "idna", "undefined", "a\0b"):
        with pytest.raises(
            SourceError, match=f"There is no encoding {shown(wrong)}: utf-8, utf-16 and cp1252 are some"
        ):
            await read_location(path, encoding=wrong)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "year", "plot"], ["A", "1999", '"a; b, c | d\te"'], ["B", "2001", '"say ""no"""'], ["C", "", ""]]
    found = await read_location(written(tmp_path, "\r\n".join(map(delimiter.join, rows))))
    assert [one.item.values for one in items_of(found)] == [
        {"title": "A", "year": 1999, "overview": "a; b, c | d\te"},
        {"title": "B", "year": 2001, "overview": 'say "no"'},
        {"title": "C"},
    ]


async def test_the_delimiter_may_be_said_by_the_file_or_the_user(tmp_path: Path) -> None:
    assert titles_of(await read_location(written(tmp_path, "sep=#\ntitle#year\nA,B;C#1999\n"))) == ["A,B;C"]
    assert titles_of(await read_location(written(tmp_path, "title#year\nA,B#1999\n"), delimiter="#")) == ["A,B"]
    with pytest.raises(SourceError, match="The delimiter is one letter"):
        await read_location(written(tmp_path, "title\nA\n"), delimiter="##")


FULL = """id,Name,Jahr,Bewertung,Laufzeit,Keywords,Genre,Regie,Darsteller,IMDb,Poster,Farbe,Alias,Type
7,Heat,1995,"8,3",2h 50m,noir;rain;noir,"Crime, Drama",Michael Mann,"Al Pacino, Robert De Niro",tt0113277,http://x/a.jpg,ja,Hitze,Movie
"""


async def test_columns_are_known_by_their_usual_names(tmp_path: Path) -> None:
    opened = await open_source(str(written(tmp_path, FULL)))
    [found] = items_of(await read_all(opened.source))

    assert (opened.format.name, found.key) == ("csv", "7")
    assert found.item.values == {
        **{"kind": "MOVIE", "title": "Heat", "year": 1995, "rating_tenths": 83, "runtime_minutes": 170}
    }
    assert found.item.lists == {
        "tags": ["noir", "rain"],
        "genres": ["Crime", "Drama"],
        "credits": [
            {"person_id": "Michael Mann", "role": "DIRECTOR"},
            {"person_id": "Al Pacino", "role": "ACTOR"},
            {"person_id": "Robert De Niro", "role": "ACTOR"},
        ],
        "external_ids": [{"source": "imdb", "value": "tt0113277"}],
        "artwork": [{"type": "POSTER", "url": "http://x/a.jpg"}],
        "aliases": [{"title": "Hitze"}],
    }
    assert isinstance(opened.source, Warned)
    assert opened.source.warnings == [
        "The column Farbe is not read: map says which field it is.",
    ]


async def test_of_many_columns_that_are_not_read_a_few_are_named(tmp_path: Path) -> None:
    header = ["title", *(f"x{number}" for number in range(5_000))]
    source = CsvSource(str(written(tmp_path, f"{','.join(header)}\nA\n".encode(), "a.csv")), {})
    await read_all(source)
    assert len(source.warnings) == 11
    assert source.warnings[-1] == "4990 more columns are not read."


async def test_columns_may_be_mapped_by_name(tmp_path: Path) -> None:
    text = 'A,"B, C",x|y,E,F,G,H,I,J,K,L\nHeat,noir/rain,1995,Crime,Box,red,tv show,/a.mkv,12,2024-01-01,90%\n'
    mapping = (
        r"title=A,tags=B\, C|/, year = x\|y,categories.mood=E,collections=F,metadata.colour=G,kind=H,"
        "files.path=I,files.size=J,files.modifiedAt=k,rating=L"
    )
    [found] = items_of(await read_location(written(tmp_path, text), map=mapping))

    assert {**found.item.values, "metadata": None} == {
        **{"title": "Heat", "year": 1995, "kind": "SERIES", "rating_tenths": 90, "metadata": None}
    }
    assert found.item.values["metadata"] == {"colour": "red"}
    [file] = found.item.lists["files"]
    assert (file["path"], file["size"], file["modified_at"].isoformat()) == ("/a.mkv", 12, "2024-01-01T00:00:00+00:00")
    assert {name: rows for name, rows in found.item.lists.items() if name != "files"} == {
        "tags": ["noir", "rain"],
        "categories": [{"category": "mood", "value": "Crime"}],
        "collections": [{"collection_id": "Box"}],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "No column is the title: say which one is by map, as in title=Name. The columns are A, B."),
        ({"map": "year=A"}, "No column is the title: say which one is by map, as in title=Name. The columns are A, B."),
        ({"map": "title=C"}, "There is no column C. The columns are A, B."),
        ({"map": "title"}, "map is written as title=Name,tags=Keywords|; and not as title."),
        ({"map": "title=A,colour=B"}, "There is no field colour. There are key, parent, kind, title, originalTitle,"),
        ({"map": "title=A,credits.STAR=B"}, "There is no field credits.STAR. There are key,"),
        ({"rating-scale": "0"}, "rating-scale is the best rating that there is, for example 5."),
    ],
)
async def test_a_mapping_that_does_not_fit_says_why(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError) as error:
        await read_location(written(tmp_path, "A,B\n1,2\n"), "csv", **options)
    assert str(error.value)[: len(message)] == message


async def test_ratings_of_another_scale_are_brought_to_ten(tmp_path: Path) -> None:
    path = written(tmp_path, "title,rating\nA,4.5\nB,5\nC,6\n")
    found = await read_location(path, **{"rating-scale": "5"})
    assert [one.item.values["rating_tenths"] for one in items_of(found)] == [90, 100]
    assert failures_of(found) == [("line 4", "rating: A rating from 0 to 10 is needed here.")]


@pytest.mark.parametrize(
    ("text", "titles", "failures"),
    [
        ("title,year\nA,1\nB\nC,3,4\nD,4,,\n\n,\nE,5\n", ["A", "D", "E"], [
            ("line 3", "It has 1 columns, the header 2."), ("line 4", "It has 3 columns, the header 2."),
        ]),
        ('title,plot\nA,"two\nlines, ""x"""\nB,\'\n', ["A", "B"], []),
        ('title,year\n"A,1\nB,2\nC,3\n', ["B", "C"], [("line 2", "A quotation mark in it is not closed.")]),
        ('title,year\n"A,1\n"B",2\nC,3\n', ["B", "C"], [("line 2", "A quotation mark in it is not closed.")]),
        ('title,year\n5" disk,2\nA "b" c,3\n', ['5" disk', 'A "b" c'], []),
        ("title,year\nA,x\nB,10000\n,2001\n", [], [
            ("line 2", "year: A year is needed here."),
            ("line 3", "year: A year from 0 to 9999 is needed here."),
            ("line 4", "A media has a title."),
        ]),
        ("title,year\rA,1\rB,2", ["A", "B"], []),
        ("title\nA\n", ["A"], []),
        ("\n\ntitle,year\nA,1\nA,1\nA,2\n", ["A", "A", "A"], []),
    ],
)  # fmt: skip
async def test_rows_that_do_not_fit_are_told_and_the_rest_is_read(
    tmp_path: Path, text: str, titles: list[str], failures: list[Any]
) -> None:
    found = await read_location(written(tmp_path, text))
    assert (titles_of(found), failures_of(found)) == (titles, failures)


async def test_tables_of_databases_have_words_for_nothing_and_marks_of_their_own(tmp_path: Path) -> None:
    text = (
        "tconst\ttitleType\tprimaryTitle\tstartYear\truntimeMinutes\tgenres\n"
        'tt1\tshort\t"Carmencita\t1894\t1\tDocumentary,Short\n'
        "tt2\ttvSeries\tNone\t\\N\tN/A\t\\N\n"
        "tt3\thologram\tLe clown\tunknown\t-\tShort\n"
    )
    found = await read_location(written(tmp_path, text, "title.basics.tsv"))
    assert failures_of(found) == []
    assert [one.item.values for one in items_of(found)] == [
        {"kind": "MOVIE", "title": '"Carmencita', "year": 1894, "runtime_minutes": 1},
        {"kind": "SERIES", "title": "None"},
        {"title": "Le clown"},
    ]


async def test_bytes_that_do_not_fit_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.encodings.SAMPLE_BYTES", 20)
    path = written(tmp_path, b"title,year\nABCDEFG,1\nB\xff,2\nC,3\n")
    found = await read_location(path)
    assert titles_of(found) == ["ABCDEFG", "C"]
    assert failures_of(found) == [("line 3", csv_rows.DAMAGED_ROW)]


async def test_lines_and_rows_without_end_are_told_and_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "MAX_LINE_LETTERS", 1_000)
    reason = "A row has at most 200 lines of 1000 letters."
    long = "x" * 5_000
    path = written(tmp_path, f'title,year\nA,1\n{long}\nB,2\n{long},3\n"C\n' + "D,4\n" * 500)
    found = await read_location(path)
    assert titles_of(found) == ["A", "B", *["D"] * 500]
    assert failures_of(found) == [("line 3", reason), ("line 5", reason), ("line 6", reason)]
    raw = [one.raw for one in found if isinstance(one, Unreadable)]
    assert [len(one) for one in raw] == [300, 300, 2]


async def test_a_field_of_more_letters_than_csv_takes_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, f"title,plot\nA,{'x' * 200_000}\nB,y\n")
    found = await read_location(path)
    assert titles_of(found) == ["B"]
    assert failures_of(found) == [("line 2", "This is no row: field larger than field limit (131072).")]


async def test_reading_goes_on_after_any_row(tmp_path: Path) -> None:
    text = '\n"title",plot\nA,"1\n2"\n\nB\nC,"x\nD,3\n"E",4\n'
    await check_resuming(CsvSource(str(written(tmp_path, text)), {}))
    await check_resuming(CsvSource(str(written(tmp_path, gzip.compress(text.encode()), "b.csv.gz")), {}))


@pytest.mark.parametrize(
    ("content", "name", "format"),
    [
        ("title,year\nA,1\n", "a.csv", "csv"),
        ("title\tyear\nA\t1\n", "a.tsv", "csv"),
        ("Titel;Jahr\nA;1\n", "a.txt", "csv"),
        ("A,B\n1,2\n", "a.csv", "csv"),
        (gzip.compress(b"title,year\nA,1\n", mtime=0), "a.csv.gz", "csv"),
        ('{"title": "A"}\n{"title": "B"}\n', "a.csv", "jsonl"),
        ("once upon a time\n", "a.txt", None),
        ("", "a.csv", None),
    ],
)
async def test_csv_is_guessed_by_its_name_and_columns(
    tmp_path: Path, content: bytes | str, name: str, format: str | None
) -> None:
    path = str(written(tmp_path, content, name))
    if format is None:
        with pytest.raises(SourceError, match="is of no format that is known"):
            await open_source(path)
        return
    assert (await open_source(path)).format.name == format


async def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is empty: a line with the names of the columns is needed"):
        await read_location(written(tmp_path, "\n\n"), "csv")


async def test_rows_become_media(api: Api, connection: Any, tmp_path: Path) -> None:
    await add_library(connection)
    path = written(tmp_path, FULL + "8,Ronin,1998,7.2,122,a\0b,,,,,,,,\n")

    results = await import_all(api, await read_location(path))

    assert [(one.status, one.code, list(one.path)) for one in results] == [
        (Status.CREATED, None, []),
        (Status.FAILED, "BAD_ARGUMENT", ["tags", 0]),
    ]
    data = await api.run(
        "{ media { nodes { title year rating runtimeMinutes tags { name } genres { name } externalIds { value }"
        " credits { nodes { role person { name } } } } } }"
    )
    assert data["media"]["nodes"] == [
        {
            **{"title": "Heat", "year": 1995, "rating": 8.3, "runtimeMinutes": 170},
            "tags": [{"name": "noir"}, {"name": "rain"}],
            "genres": [{"name": "Crime"}, {"name": "Drama"}],
            "externalIds": [{"value": "tt0113277"}],
            "credits": {
                "nodes": [
                    {"role": "DIRECTOR", "person": {"name": "Michael Mann"}},
                    {"role": "ACTOR", "person": {"name": "Al Pacino"}},
                    {"role": "ACTOR", "person": {"name": "Robert De Niro"}},
                ]
            },
        }
    ]
