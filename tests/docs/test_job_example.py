"""The worked example of docs/add-a-job.md works as it stands there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jobs.kinds import KINDS
from tests.docs.test_docs import BLOCK, CHECKOUT, ROOMS, insert

GUIDE, JOBS = CHECKOUT / "docs" / "add-a-job.md", CHECKOUT / "docs" / "jobs.md"


def test_the_worked_example_of_a_new_job_works(tmp_path: Path, server_url: str) -> None:
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    blocks = BLOCK.findall(GUIDE.read_text())
    assert [name for name, _ in blocks] == [
        "jobs/count_letters.py",
        "jobs/kinds.py",
        "tests/jobs/test_count_letters.py",
    ]
    for name, content in blocks:
        path = tmp_path / name
        path.write_text(insert(path.read_text(), content) if path.exists() else content)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    chosen = ["tests/jobs/test_count_letters.py", "tests/jobs/test_kinds.py", "-k", "letters"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [*command, *chosen],
        cwd=tmp_path,
        env={**env, "DATABASE_URL": server_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
    command_line = [sys.executable, "-m", "app", "jobs", "start", "count-letters", "--help"]
    shown = subprocess.run(command_line, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "--chunk-size" in shown.stdout, shown.stderr


def test_every_job_is_in_the_document() -> None:
    text = JOBS.read_text()

    assert [name for name in KINDS if f"| `{name}` |" not in text] == []
