"""JSON lines: read line by line, whatever else is in the file."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from sources.binary_file import MAX_BYTES
from sources.formats import open_source
from sources.json_lines import JsonLinesSource
from sources.source import Reading, SourceError, SourceItem, Unreadable
from tests.support.reading import check_resuming, failures_of, items_of, read_all, read_location, titles_of

A, B = b'{"title": "A"}', b'{"title": "B"}'


def written(folder: Path, content: bytes, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


NO_JSON = "This is no JSON"


@pytest.mark.parametrize(
    ("content", "titles", "failures"),
    [
        (A + b"\n" + B, ["A", "B"], []),
        (b"\xef\xbb\xbf" + A + b"\r\n\r\n  " + B + b"\r\n", ["A", "B"], []),
        (A + b'\n{"title": "cut', ["A"], [("line 2", NO_JSON)]),
        (b"[1]\n" + A, ["A"], [("line 1", "An object is needed here.")]),
        ('{"title": "ЖЖ"}\n'.encode() + b'{"title": "\xff"}\n' + A, ["ЖЖ", "A"], [("line 2", NO_JSON)]),
        (b'{"title": "\\ud800"}\n' + A, ["A"], [("line 1", NO_JSON)]),
        (b'{"title": "A", "year": NaN}\n' + B, ["B"], [("line 1", NO_JSON)]),
        (b'{"title": "A", "year": 1e999}\n' + B, ["B"], [("line 1", "year: A whole number is needed here.")]),
        (b'{"title": "A\x00"}\n' + B, ["B"], [("line 1", NO_JSON)]),
        (b'{"title": "A", "metadata": ' + b'{"a":' * 100_000 + b"\n" + B, ["B"], [("line 1", NO_JSON)]),
        (A + b"\n" + A, ["A", "A"], []),
        (b"", [], []),
        (b"\n\n", [], []),
    ],
)
async def test_each_line_is_read_by_itself(
    tmp_path: Path, content: bytes, titles: list[str], failures: list[tuple[str, str]]
) -> None:
    found = await read_location(written(tmp_path, content), "jsonl")
    told = [(where, reason.partition(":")[0] if "JSON" in reason else reason) for where, reason in failures_of(found)]
    assert (titles_of(found), told) == (titles, failures)


async def test_lines_of_many_megabytes_are_passed_without_being_held(tmp_path: Path) -> None:
    long = b'{"title": "' + b"x" * (10 << 20) + b'"}\n'
    found = await read_location(written(tmp_path, A + b"\n" + long + B + b"\n" + long[: MAX_BYTES + 1]), "jsonl")

    assert titles_of(found) == ["A", "B"]
    reason = f"The line has more than {MAX_BYTES} bytes."
    assert failures_of(found) == [("line 2", reason), ("line 4", reason)]
    [first, _] = [one for one in found if isinstance(one, Unreadable)]
    assert (len(first.raw), first.raw[:15]) == (300, '{"title": "xxxx')


async def test_reading_goes_on_after_any_line(tmp_path: Path) -> None:
    lines = b"\xef\xbb\xbf" + A + b"\n\n" + B + b"\nwrong\n" + '{"title": "\u00c4"}\r\n'.encode() + b'{"title": "D"}'
    await check_resuming(JsonLinesSource(str(written(tmp_path, lines))))
    await check_resuming(JsonLinesSource(str(written(tmp_path, gzip.compress(lines), "b.jsonl.gz"))))


async def test_fingerprints_change_with_their_lines_alone(tmp_path: Path) -> None:
    one = items_of(await read_location(written(tmp_path, A + b"\n" + B)))
    other = items_of(await read_location(written(tmp_path, b'{"title": "A", "year": 1}\n\n' + B + b"\n")))
    assert [len(item.fingerprint or b"") for item in one] == [16, 16]
    assert one[0].fingerprint != other[0].fingerprint
    assert one[1].fingerprint == other[1].fingerprint


async def test_compressed_lines_are_read_and_damaged_ones_told(tmp_path: Path) -> None:
    packed = gzip.compress(b"\n".join([A] * 20_000), mtime=0)
    found = await read_location(written(tmp_path, packed, "a.jsonl.gz"))
    assert len(items_of(found)) == 20_000

    found = await read_location(written(tmp_path, packed[: len(packed) // 2], "b.jsonl.gz"))
    assert 5_000 < len(items_of(found)) < 20_000
    last = found[-1]
    assert isinstance(last, Unreadable)
    assert (last.where, last.reason) == (
        "the end of the file",
        "The compressed file is damaged, or ends in the middle.",
    )
    assert (last.stops, last.position) == (True, "end")


async def test_what_is_no_file_of_lines_is_refused(tmp_path: Path) -> None:
    for location, message in (
        (tmp_path, f"{tmp_path} is a folder: a file is needed here."),
        (tmp_path / "none", f"{tmp_path}/none is not there."),
    ):
        with pytest.raises(SourceError) as error:
            await read_location(location, "jsonl")
        assert str(error.value) == message
    source = JsonLinesSource(str(written(tmp_path, A)))
    for position in ("x", "1", "-1:2", "1:2:3", "9" * 30 + ":1"):
        with pytest.raises(SourceError, match="This position is of another source"):
            await read_all(source, position)


async def test_a_file_without_the_right_to_read_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, A)

    def refuse(*arguments: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="may not be read: give this user the right to read it"):
        await read_location(path)


@pytest.mark.parametrize(
    ("content", "name", "format"),
    [
        (A + b"\n" + B, "a.jsonl", "jsonl"),
        (A + b"\n" + B, "a.txt", "jsonl"),
        (A + b"\n" + B, "a.json", "jsonl"),
        (gzip.compress(A + b"\n" + B, mtime=0), "a.ndjson.gz", "jsonl"),
        (b"", "a.jsonl", "jsonl"),
        (A, "a.json", "json"),
        (b"[" + A + b"]", "a.json", "json"),
        (b"[\n" + A + b"\n]", "a.jsonl", "jsonl"),
        (b'{\n"title": "A"\n}', "a", "json"),
    ],
)
async def test_the_format_is_guessed(tmp_path: Path, content: bytes, name: str, format: str) -> None:
    opened = await open_source(str(written(tmp_path, content, name)))
    assert opened.format.name == format


async def test_a_reader_that_stops_early_leaves_no_file_open(tmp_path: Path) -> None:
    source = JsonLinesSource(str(written(tmp_path, b"\n".join([A] * 10_000))))
    reading = cast("AsyncGenerator[Reading, None]", source.read())
    assert isinstance(await anext(reading), SourceItem)
    await reading.aclose()  # an open file would be a warning, which fails the test
