"""What the documents promise is what the code does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings, variable
from app.settings_page import default
from tests.support.api import Api

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = (
    "bench",
    "app",
    "schema",
    "jobs",
    "catalog",
    "sources",
    "loaders",
    "providers",
    "database",
    "domain",
    "engine",
    "migrations",
    "tests",
)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?:sql|python|diff) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_settings_of_the_readme_have_their_defaults() -> None:
    defaults = {variable(name): default(name) for name in Settings.model_fields}

    shown = re.findall(r"^\| `(\w+)` \| (.*?) ?\|", (CHECKOUT / "README.md").read_text(), re.MULTILINE)

    assert len(shown) >= 5
    assert dict(shown) == {name: defaults[name] for name, _ in shown}


def test_documents_name_settings_that_there_are() -> None:
    known = {variable(name) for name in Settings.model_fields} | {"MARQUEE_SHARED"}

    for document in [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").rglob("*.md")]:
        named = set(re.findall(r"\bMARQUEE_[A-Z_]+\b", document.read_text()))
        assert named <= known, document.name


def test_every_error_code_is_documented_and_no_other_is() -> None:
    sources = [
        path.read_text()
        for room in ("app", "schema", "loaders", "providers", "database", "engine")
        for path in (CHECKOUT / room).rglob("*.py")
    ]
    text = "\n".join(sources)
    used = set(re.findall(r'^    ([A-Z_]+) = "\1"$', (CHECKOUT / "domain" / "errors.py").read_text(), re.MULTILINE))
    used |= set(
        re.findall(
            r'(?:refusal\((?:\d+, )?\s*|HttpError\(\d+, |refused\(\w+, |coded\(error, |"code": )"([A-Z_]+)"', text
        )
    )

    documented = re.findall(r"^\| `([A-Z_]+)` \|", (CHECKOUT / "docs" / "errors.md").read_text(), re.MULTILINE)

    assert sorted(documented) == sorted(used)


def test_every_local_link_and_named_file_of_the_documents_exists() -> None:
    for document in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", FENCED.sub("", document.read_text())):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()

    readme = (CHECKOUT / "README.md").read_text()

    for target in re.findall(r"(?:`|^    )make (?:[A-Z]+=\S+ )?([a-z]+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def insert(text: str, diff: str) -> str:
    """A file with the added lines of a block, each after the line that stands before it in the block."""
    lines = text.splitlines()
    place = 0
    for line in diff.splitlines():
        if line.startswith("+"):
            lines.insert(place, line[1:])
        else:
            place = lines.index(line[1:], place)
        place += 1
    return "\n".join(lines) + "\n"


EXAMPLES = [
    ("# How to add a noun", "studio", "0090", "domain/memberships.py", 100),
    ("## A plain list of a media", "award", "0091", "domain/media_lists.py", 60),
]


@pytest.mark.parametrize(("title", "noun", "number", "declared_in", "most_lines"), EXAMPLES)
def test_a_worked_example_of_a_new_noun_is_four_files_and_two_entries_of_few_lines(
    title: str, noun: str, number: str, declared_in: str, most_lines: int
) -> None:
    text = (CHECKOUT / "docs" / "add-a-noun.md").read_text()
    others = [text.index(other) for other, *_ in EXAMPLES if text.index(other) > text.index(title)]
    blocks = dict(BLOCK.findall(text[text.index(title) : min(others, default=None)]))
    files = [name for name in blocks if not (CHECKOUT / name).exists()]
    added = {
        name: [line for line in text.splitlines() if name in files or line.startswith("+")]
        for name, text in blocks.items()
    }

    assert files == [
        f"migrations/{number}_{noun}.sql",
        f"loaders/{noun}.py",
        f"schema/{noun}.py",
        f"tests/nouns/test_{noun}.py",
    ]
    assert {*blocks} - {*files} == {declared_in, "loaders/registry.py"}
    assert sum(map(len, added.values())) <= most_lines


def test_the_worked_examples_of_new_nouns_and_jobs_work(tmp_path: Path, server_url: str) -> None:
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    guides = [(CHECKOUT / "docs" / f"add-a-{what}.md").read_text() for what in ("noun", "job")]
    blocks = [block for guide in guides for block in BLOCK.findall(guide)]
    for name, content in blocks:
        path = tmp_path / name
        path.write_text(insert(path.read_text(), content) if path.exists() else content)

    # Of the contracts those of the new nouns alone: the others are tested where they stand.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    chosen = [
        f"tests/{name}.py"
        for name in (
            *("nouns/test_studio", "nouns/test_award", "loaders/test_contract", "loaders/test_columns"),
            *("schema/test_declarations", "schema/test_filters", "schema/test_look_ups", "domain/test_enums"),
            *("catalog/test_no_side_effects", "catalog/test_drift", "jobs/test_count_letters", "jobs/test_kinds"),
        )
    ]
    about = ["-k", "studio or award or letters or declarations or declared or enums or every_predicate_is"]
    env = {**os.environ, "DATABASE_URL": server_url}
    for name in [name for name in env if name.startswith("PYTEST_")]:
        del env[name]
    run = subprocess.run(
        [*command, *about, *chosen], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr


async def test_the_readme_shows_a_query_with_the_answer_that_it_gives(demo_api: Api) -> None:
    found = re.search(r"```graphql\n(.*?)```.*?```json\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)
    assert found is not None

    data = await demo_api.run(found[1])

    assert data == json.loads(found[2])
    assert len(demo_api.statements) == 5
