"""Names of the code: within a room a name at the top of a module means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# What a module offers, its log, a program's entry, and letters that stand for types mean the same wherever they are.
CONVENTIONAL = {"__all__", "log", "main", *"KPRTV"}


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines at its top."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


def homonyms(folder: Path) -> dict[str, list[str]]:
    """The names that several modules of a room define, with their files."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for name in set(defined(ast.parse(path.read_text()))) - CONVENTIONAL:
            found[name].append(str(path.relative_to(folder)))
    return {name: files for name, files in found.items() if len(files) > 1}


@pytest.mark.parametrize(
    "room", ["app", "catalog", "database", "domain", "engine", "jobs", "loaders", "providers", "schema", "sources"]
)
def test_no_name_is_defined_twice_in_a_room(room: str) -> None:
    assert homonyms(CHECKOUT / room) == {}


def test_names_that_are_defined_twice_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("log = 1\nA: int = 1\nclass B: ...\ndef c(): ...\n")
    (tmp_path / "b.py").write_text("log = 2\nA, D = 1, 2\nB = 3\nasync def c(): ...\n")

    assert homonyms(tmp_path) == {name: ["a.py", "b.py"] for name in ("A", "B", "c")}
