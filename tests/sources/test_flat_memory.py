"""Sources hold what they are reading, however much there is."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from sources.csv_file import open_csv
from sources.file_source import FileSource
from sources.json_array import open_json
from sources.json_lines import open_json_lines

OVERVIEW = "x" * 900
OPENED = {"csv": open_csv, "json": open_json, "jsonl": open_json_lines}


def written(path: Path, name: str, items: int) -> Path:
    """A file of media of a kilobyte each."""
    media = f'{{"title": "A", "overview": "{OVERVIEW}"}}'
    with path.open("w") as file:
        if name == "csv":
            file.write("title,overview\n" + f"A,{OVERVIEW}\n" * items)
        elif name == "json":
            file.write("[" + ",".join([media] * items) + "]")
        else:
            file.write(f"{media}\n" * items)
    return path


def peak_of(source: object, items: int) -> int:
    """The most bytes that reading all took."""
    assert isinstance(source, FileSource)
    tracemalloc.start()
    try:
        assert sum(one is not None for one in source.readings("")) == items
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", list(OPENED))
def test_reading_four_times_as_much_takes_no_more_memory(tmp_path: Path, name: str) -> None:
    few, many = (
        peak_of(OPENED[name](str(written(tmp_path / f"{items}", name, items)), {}), items) for items in (1_200, 4_800)
    )
    assert few < 4_000_000
    assert many < few + 200_000
