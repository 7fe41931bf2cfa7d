"""JSON with mistakes in it: what is broken is told with its place, and the other elements get in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources import json_scanner
from sources.json_array import JsonArraySource
from sources.json_elements import CUT, MORE_BEHIND, NO_FURTHER
from sources.source import Reading, Unreadable
from tests.support.reading import check_resuming, failures_of, titles_of

NO_JSON = "This is no JSON"
FIRST_TWO = ("element 1, byte 2", "element 2, byte 17")
NUMBER = 8
BROKEN = 3  # the element that is broken, of so many


def element(number: int) -> dict[str, Any]:
    """With brackets in a text, and lists whose objects begin as the element itself does."""
    return {
        "title": f"T{number}",
        "overview": f'He said "{{x}}, [y]" {number}',
        "aliases": [{"title": f"alias {place}"} for place in range(3)],
        "credits": [{"person": f"P{place}", "role": "ACTOR"} for place in range(2)],
        "metadata": {"a": {"title": "nested"}, "b": [1, 2]},
        "tags": ["x", "y"],
    }


TITLES = [f"T{number}" for number in range(NUMBER)]


def read(folder: Path, content: bytes | str, position: str = "") -> list[Reading]:
    path = folder / "a.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [one for one in JsonArraySource(str(path)).guarded(position) if one is not None]


@pytest.mark.parametrize("is_within", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_letter_too_few_or_too_many_keeps_one_element_out_at_most(
    tmp_path: Path, indent: int | None, is_within: bool
) -> None:
    body = json.dumps([element(number) for number in range(NUMBER)], indent=indent)
    if is_within:
        body = f'{{"count": 8, "movies": {body}, "after": [1]}}'
    start, end = (body.rindex("{", 0, body.index(f'"T{number}"')) for number in (BROKEN, BROKEN + 1))
    tried = 0
    for at in range(start, end):
        if body[at] not in '{}[]",:':
            continue
        for mended in (body[:at] + body[at + 1 :], body[:at] + body[at] + body[at:]):
            found = read(tmp_path, mended)
            titles, failures = titles_of(found), failures_of(found)
            assert titles in (TITLES, [*TITLES[:BROKEN], *TITLES[BROKEN + 1 :]]), mended[at - 20 : at + 20]
            assert failures or titles == TITLES
            for where, _ in failures:
                assert start <= int(where.split("byte ")[1]) <= end + 1, mended[at - 20 : at + 20]
            tried += 1
    assert tried == 234


def test_a_failure_says_where_it_is_and_what_is_wrong(tmp_path: Path) -> None:
    content = '[{"title": "A", "year": 1990,\n {"title": "B"},\n{"title": "C"} ]'
    [failure] = [one for one in read(tmp_path, content) if isinstance(one, Unreadable)]
    assert (failure.where, failure.stops) == ("element 1, byte 2", False)
    assert failure.reason == (
        f"This is no JSON: Expecting property name enclosed in double quotes at byte {content.index('{', 5) + 1}. "
        f"Reading goes on behind byte {content.index('{', 5)}."
    )
    assert failure.raw.startswith('{"title": "A"')


@pytest.mark.parametrize(
    ("content", "titles", "failures"),
    [
        # A bracket too many ends the array, a second array, a second object.
        ('[{"title": "A"}], {"title": "B"}]', ["A", "B"], [("byte 17", MORE_BEHIND)]),
        ('[{"title": "A"}]\n[{"title": "B"}]', ["A", "B"], [("byte 18", MORE_BEHIND)]),
        ('{"m": [{"title": "A"}], {"title": "B"}]}', ["A", "B"], [("byte 25", MORE_BEHIND)]),
        ('{"m": [{"title": "A"}]} x', ["A"], [("byte 25", MORE_BEHIND + NO_FURTHER)]),
        ('{"m": [{"title": "A"}], "n": 1', ["A"], [("byte 31", CUT)]),
        ('{"title": "A"} {"title": "B"}', ["A"], [("byte 16", MORE_BEHIND + NO_FURTHER)]),
        # A comma too few or too many.
        ('[{"title": "A"} {"title": "B"}]', ["A", "B"], []),
        ('[{"title": "A"},, {"title": "B"},]', ["A", "B"], [("element 2, byte 17", NO_JSON)]),
        # No element closes, no text closes.
        (
            '[{"title": "A", {"title": "B", {"title": "C"}]',
            ["C"],
            [(one, NO_JSON) for one in FIRST_TWO],
        ),
        (
            '[{"title": "A}, {"title": "B}, {"title": "C"}]',
            ["C"],
            [(one, NO_JSON) for one in FIRST_TWO],
        ),
        ('[{"title": "A"}, {"title": "B]', ["A"], [("element 2, byte 18", CUT)]),
        # Words between elements are one failure.
        ('[{"title": "A"}, oh no: what, {"title": "B"}]', ["A", "B"], [("element 2, byte 18", NO_JSON)]),
    ],
)
def test_what_is_between_and_behind_elements_is_told(
    tmp_path: Path, content: str, titles: list[str], failures: list[tuple[str, str]]
) -> None:
    found = read(tmp_path, content)
    told = [(where, reason.partition(":")[0]) for where, reason in failures_of(found)]
    assert (titles_of(found), told) == (titles, failures)


def test_arrays_that_are_not_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"movies": [{"title": "A"}], "series": [{"title": "B"}], "count": 2}')
    source = JsonArraySource(str(path))
    assert titles_of([one for one in source.guarded("") if one is not None]) == ["A"]
    assert source.warnings == ["The array series is not read: the option array says which one is."]


async def test_reading_goes_on_after_any_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (
        '[{"title": "A", {"title": "B"}, {"title": "C}, {"title": "D"}, 1 2, {"title": "E"}], {"title": "F"}, '
        '["x" {"title": "G"}, {'
    )
    path = tmp_path / "a.json"
    for size in (1, 7, 1 << 18):
        monkeypatch.setattr(json_scanner, "CHUNK_BYTES", size)
        for content in (broken, f'{{"a": 1, "movies": {broken}'):
            path.write_text(content)
            await check_resuming(JsonArraySource(str(path)))
            assert titles_of(read(tmp_path, content)) == ["B", "D", "E", "F", "G"]


def test_hostile_elements_take_bounded_memory_and_keep_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 50_000
    monkeypatch.setattr(json_scanner, "MAX_BYTES", most)
    monkeypatch.setattr(json_scanner, "CHUNK_BYTES", 10_000)
    held = 0
    fill = json_scanner.JsonScanner._fill

    def watched(self: json_scanner.JsonScanner) -> bool:
        nonlocal held
        held = max(held, len(self._kept or b""))
        return fill(self)

    monkeypatch.setattr(json_scanner.JsonScanner, "_fill", watched)
    good = ", ".join(json.dumps(element(number)) for number in range(400))
    for hostile in (
        '{"title": "' + "x" * 1_000_000 + '"}',
        '{"title": ' + "[" * 500_000 + "]" * 500_000 + "}",
        '{"title": "A", "b": ' + '{"title": ' * 100_000 + "1" + "}" * 100_000 + "}",
        '{"title": "A", "aliases": [' + ", ".join(['{"title": "x" 1}'] * 200) + "]}",
        '{"title": "A", "year": 1 ' + '"a", ' * 50_000,
        "}" * 100_000,
        ": " * 100_000,
    ):
        found = read(tmp_path, f"[{good}, {hostile}, {good}]")
        titles = titles_of(found)
        assert titles[:400] == titles[-400:] == [f"T{number}" for number in range(400)], hostile[:30]
        assert len(titles) == 800
        assert failures_of(found)
    assert held < most + 20_000


def test_a_file_in_which_every_element_is_broken_is_told_element_by_element(tmp_path: Path) -> None:
    for broken in ('{"title": "A"', '{"title": "A}', '{"title": "A", "b": }', '{"title": "A"}}', '{"title" "A"}'):
        found = read(tmp_path, "[" + ", ".join([broken] * 300) + "]")
        assert len(failures_of(found)) in (299, 300), broken
