"""Behind a break in JSON: no element is left out without being told, and nothing nested or of other arrays gets in."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from sources import json_scanner
from sources.json_array import JsonArraySource
from sources.json_elements import NAMED_ARRAYS, NO_FURTHER
from sources.source import Reading, Unreadable
from tests.support.reading import titles_of

GOOD = [f"G{number}" for number in range(100)]


def read(folder: Path, content: str) -> list[Reading]:
    path = folder / "a.json"
    path.write_text(content)
    return [one for one in JsonArraySource(str(path)).guarded("") if one is not None]


def elements(titles: list[str]) -> str:
    return ",".join(json.dumps({"title": title}) for title in titles)


def told(found: list[Reading]) -> list[Unreadable]:
    return [one for one in found if isinstance(one, Unreadable)]


OTHERS = '"books":[' + elements([f"X{number}" for number in range(9_000)]) + "]"
LOG = '"log":["' + "x" * 300_000 + '"]'


@pytest.mark.parametrize("broken", ['{"title":"B","x":"1}', '{"title":"B" "x":1', '{"title":"B" "x":1}'])
@pytest.mark.parametrize("behind", ["", "," + OTHERS, "," + LOG, ',"n":1,"o":{"a":[]},' + OTHERS])
@pytest.mark.parametrize("depth", [1, 2])
def test_elements_up_to_the_end_of_the_array_get_in_and_no_others(
    tmp_path: Path, broken: str, behind: str, depth: int
) -> None:
    array = f"[{elements(['A'])},{broken},{elements(GOOD)}]"
    content = '{"in":' * (depth - 1) + '{"movies":' + array + behind + "}" * depth
    path = tmp_path / "a.json"
    path.write_text(content)
    source = JsonArraySource(str(path), "in.movies" if depth == 2 else "")
    found = [one for one in source.guarded("") if one is not None]
    assert titles_of(found) == ["A", *GOOD]
    assert [one.stops for one in told(found)] == [False]


@pytest.mark.parametrize(
    "broken",
    ['{"title":"B","x":"1}', '{"title":"B" "x":1', '{"title":"B" "x":1}', '{"title":"B","x":1', '{"title":"B","x":[1}'],
)
def test_where_the_last_element_is_broken_other_arrays_stay_out(tmp_path: Path, broken: str) -> None:
    for rest in (OTHERS, OTHERS + ',"more":[{"title":"Y0"},{"title":"Y1" 1},{"title":"Y2"}]'):
        found = read(tmp_path, f'{{"movies":[{elements(["A"])},{broken}],{rest}}}')
        assert titles_of(found) == ["A"]
        assert told(found)


def test_where_the_end_of_the_array_is_in_doubt_reading_stops_and_says_so(tmp_path: Path) -> None:
    for behind in ('"log":[1 2]}', '"n":1,{}}', "x}"):
        found = read(tmp_path, f'{{"movies":[{elements(["A"])},{{"title":"B" "x":1,{elements(GOOD)}],{behind}')
        assert titles_of(found) == ["A"]
        assert [(one.stops, one.reason.endswith(NO_FURTHER)) for one in told(found)] == [(True, True)]


def test_a_member_behind_the_array_that_is_broken_brings_no_other_elements_in(tmp_path: Path) -> None:
    for behind in ('"books":[{"title":"X"}},{"title":"Y"}]}', '"n":1 2,"books":[{"title":"X"},{"title":"Y"}]}'):
        found = read(tmp_path, f'{{"movies":[{elements(["A"])}],{behind}')
        assert titles_of(found) == ["A"]
        assert [one.stops for one in told(found)] == [True]


def test_arrays_behind_are_named_shortly_and_reading_can_be_stopped_between_them(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    names = ",".join(f'"{"n" * 100_000}{number}":[]' for number in range(100))
    path.write_text(f'{{"movies":[{elements(["A"])}],{names}}}')
    source = JsonArraySource(str(path))
    tracemalloc.start()
    try:
        found = list(source.guarded(""))
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert found.count(None) >= 100
    assert 0 < len(source.warnings) <= NAMED_ARRAYS
    assert all(len(one) < 500 for one in source.warnings)


def test_elements_that_begin_with_another_key_get_in(tmp_path: Path) -> None:
    content = (
        '[{"title":"A"},{"title":"B","x":"oops},{"year":1999,"title":"C"},{"year":1998,"title":"D"},{"title":"E"}]'
    )
    found = read(tmp_path, content)
    assert titles_of(found) == ["A", "C", "D", "E"]
    [failure] = told(found)
    place = content.index('{"year":1999')
    assert failure.reason.endswith(f"Reading goes on behind byte {place}.")


@pytest.mark.parametrize(
    "rest", ["null", "1,2", "[]", '"x"', "{}", ",".join(["null"] * 999), elements([f"N{n}" for n in range(999)])]
)
def test_what_is_in_a_list_of_a_broken_element_is_no_media(tmp_path: Path, rest: str) -> None:
    for aliases in (f'"aliases":[{{"title":"y"}},{rest}]', f'"aliases":{{"title":"y"}},{{"title":"z"}},{rest}]'):
        for start, end in (("[", "]"), ('{"movies":[', "]}")):
            content = f'{start}{{"title":"B" "y":1,{aliases}}},{{"title":"C"}}{end}'
            assert set(titles_of(read(tmp_path, content))) <= {"C"}


def test_in_a_list_of_which_several_objects_are_broken_the_others_are_no_media(tmp_path: Path) -> None:
    content = '[{"title":"B","aliases":[{"title":"x" 1},{"title":"y"},{"title":"z" 1},{"title":"w"}]},{"title":"C"}]'
    found = read(tmp_path, content)
    assert titles_of(found) == ["C"]
    assert len(told(found)) == 1


def test_little_is_looked_at_for_each_of_many_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    ahead = json_scanner.JsonScanner.ahead

    def counted(self: json_scanner.JsonScanner, most: int) -> tuple[bytes, bool]:
        nonlocal looked_at
        found = ahead(self, most)
        looked_at += len(found[0])
        return found

    monkeypatch.setattr(json_scanner.JsonScanner, "ahead", counted)
    breaks = 3_000
    found = read(tmp_path, "[" + '{"t":x' * breaks + "," + '{"t":1},' * 10_000)
    assert len(told(found)) >= breaks
    assert looked_at < breaks * 20_000
