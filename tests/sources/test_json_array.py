"""JSON: an array of media, or an object that holds one, read element by element."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from sources import json_elements, json_scanner
from sources.json_array import JsonArraySource
from sources.json_elements import CUT, MORE_BEHIND, NO_FURTHER
from sources.json_scanner import JsonScanner
from sources.source import SourceError, Unreadable
from tests.support.reading import check_resuming, failures_of, read_location, titles_of

A, B = b'{"title": "A"}', b'{"title": "B"}'
BEHIND = MORE_BEHIND + NO_FURTHER
NO_OBJECT = "An object is needed here."


def written(folder: Path, content: bytes, name: str = "a.json") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "titles", "failures"),
    [
        (b"[" + A + b"," + B + b"]", ["A", "B"], []),
        (b"\xef\xbb\xbf [\n" + A + b"\n,\n" + B + b" ] trailing", ["A", "B"], [("byte 41", BEHIND)]),
        (b"\xef\xbb\xbf [\n" + A + b"\n,\n" + B + b" ] \n", ["A", "B"], []),
        (b'{"count": 2, "names": ["x"], "in": {"a": [1]}, "movies": [' + A + b"," + B + b"]}", ["A", "B"], []),
        (b'{"title": "A", "credits": [{"person": "P", "role": "ACTOR"}]}', ["A"], []),
        (b"[]", [], []),
        (
            b'[1, "x", null, [], ' + A + b"]",
            ["A"],
            [(f"element {n}", NO_OBJECT) for n in range(1, 5)],
        ),
        (b"[" + A + b',{"title": "B', ["A"], [("element 2", CUT)]),
        (b"[" + A + b",", ["A"], [("element 2", CUT)]),
        (b"[" + A, ["A"], [("element 2", CUT)]),
        (b'{"title": "A', [], [("element 1", CUT)]),
        (b"[" * 100_000, [], [("element 1", CUT)]),
        (b'[{"title": "]}\\"{["}, ' + B + b"]", [']}"{[', "B"], []),
        (b'[{"title": "A", "b": }, ' + B + b"]", ["B"], [("element 1", "This is no JSON")]),
        (b'[{"title": "\\ud800"}, ' + B + b"]", ["B"], [("element 1", "This is no JSON")]),
    ],
)
async def test_each_element_is_read_by_itself(
    tmp_path: Path, content: bytes, titles: list[str], failures: list[tuple[str, str]]
) -> None:
    found = await read_location(written(tmp_path, content), "json")
    told = [(where.partition(",")[0], reason.partition(":")[0]) for where, reason in failures_of(found)]
    assert (titles_of(found), told) == (titles, failures)
    assert all(one.stops == (one.reason in (CUT, BEHIND)) for one in found if isinstance(one, Unreadable))


async def test_elements_that_are_too_large_are_passed_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 100_000
    for module in (json_scanner, json_elements):
        monkeypatch.setattr(module, "MAX_BYTES", most)
    monkeypatch.setattr(json_scanner, "CHUNK_BYTES", 30_000)
    huge = [
        b'{"title": "' + b"x" * (most * 3) + b'"}',
        b'{"title": "\\"' + b'\\"' * most + b'"}',
        b'{"a": [' + b"1," * most + b"1]}",
        b'{"a": ' + b"[" * most + b"]" * most + b"}",
        b"1" * (most + 1),
    ]
    found = await read_location(written(tmp_path, b"[" + b",".join([A, *huge, B]) + b"]"), "json")
    assert titles_of(found) == ["A", "B"]
    wheres = [where.partition(",")[0] for where, _ in failures_of(found)]
    assert wheres == [f"element {number}" for number in range(2, 7)]
    assert {reason for _, reason in failures_of(found)} == {f"It has more than {most} bytes."}


async def test_the_array_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"other": [' + A + b'], "data": {"n": 1, "all": [' + B + b"]}}")
    assert titles_of(await read_location(path, "json")) == ["A"]
    assert titles_of(await read_location(path, "json", array="data.all")) == ["B"]
    with pytest.raises(SourceError, match="There is no none in this JSON"):
        await read_location(path, "json", array="data.none")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"  title\n", "This is no JSON: it begins with neither"),
        (b'{"\\q":1,"movies":[' + A + b"]}", "This is no JSON: the name"),
    ],
)
async def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        await read_location(written(tmp_path, content), "json")


async def test_reading_goes_on_after_any_element(tmp_path: Path) -> None:
    content = b'{"movies": [\n' + A + b" ,\n1, " + '{"title": "\u00c4"}'.encode() + b", {]}, " + B + b', {"title": "C'
    await check_resuming(JsonArraySource(str(written(tmp_path, content))))
    await check_resuming(JsonArraySource(str(written(tmp_path, gzip.compress(content), "b.json.gz"))))


def scanned(content: bytes) -> list[Any]:
    scanner = JsonScanner(io.BytesIO(content))
    found = []
    assert scanner.skip(b"[")
    while scanner.peek() != b"]":
        found.append(orjson.loads(scanner.value() or b""))
        scanner.skip(b",")
    assert scanner.offset == len(content) - 1
    return found


def test_values_are_found_whole_wherever_the_chunks_end(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    letters = ['"', "\\", "{", "]", "a", "\u00e9", "\U0001f600", "\n", ","]

    def value(depth: int) -> Any:
        kind = chance.randrange(6 if depth < 4 else 4)
        if kind == 5:
            return {text(): value(depth + 1) for _ in range(chance.randrange(4))}
        if kind == 4:
            return [value(depth + 1) for _ in range(chance.randrange(4))]
        return [text(), -1.5e3, True, None][kind]

    def text() -> str:
        return "".join(chance.choices(letters, k=chance.randrange(8)))

    for size in (1, 2, 3, 7, 100):
        monkeypatch.setattr(json_scanner, "CHUNK_BYTES", size)
        values = [value(0) for _ in range(200)]
        assert scanned(orjson.dumps(values)) == values
        assert scanned(orjson.dumps(values, option=orjson.OPT_INDENT_2)) == values
