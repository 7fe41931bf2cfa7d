"""The documents about sources are true: the list of formats, and the example of a new one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sources.formats import FORMATS
from sources.formats_page import formats_page
from tests.docs.test_docs import BLOCK, CHECKOUT, ROOMS, insert


def test_the_page_of_formats_is_what_the_formats_say() -> None:
    assert (CHECKOUT / "docs" / "sources.md").read_text() == formats_page()


def test_every_format_says_what_it_is_and_has_a_name_of_its_own() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    for one in FORMATS:
        assert one.description.endswith("."), one.name
        assert one.told_by, one.name
        assert not one.told_by.endswith("."), one.name
        assert all(option.description.endswith((".", ";")) for option in one.options), one.name


def test_the_worked_example_of_a_new_source_works(tmp_path: Path, server_url: str) -> None:
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    blocks = BLOCK.findall((CHECKOUT / "docs" / "add-a-source.md").read_text())
    assert [name for name, _ in blocks] == [
        "sources/playlist.py",
        "sources/formats.py",
        "tests/sources/test_playlist.py",
    ]
    for name, content in blocks:
        path = tmp_path / name
        path.write_text(insert(path.read_text(), content) if path.exists() else content)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [*command, "tests/sources/test_playlist.py", "tests/sources/test_formats.py"],
        cwd=tmp_path,
        env={**env, "DATABASE_URL": server_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed" in run.stdout
