"""The engine's files: none refers back to one that refers to it, imports for types included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from app.service.graphql_service import GRAPHQL_SCHEMA
from engine.types import type_guard
from loaders.tag import TagRow

CHECKOUT = Path(__file__).resolve().parents[2]


def modules(folder: Path, root: Path) -> dict[str, Path]:
    """The files of a package by their modules' names."""
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in folder.rglob("*.py")}


def imports(text: str, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules among the known ones that a file imports anywhere."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for one in node.names:
                yield from [name for name in (f"{node.module}.{one.name}", node.module) if name in known][:1]


def cycle(folder: Path, root: Path) -> list[str]:
    """Modules that refer to one another in a circle; none where there is no circle."""
    known = modules(folder, root)
    graph = {name: set(imports(path.read_text(), known)) - {name} for name, path in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_files_of_the_engine_refer_to_one_another() -> None:
    assert len(modules(CHECKOUT / "engine", CHECKOUT)) > 30
    assert cycle(CHECKOUT / "engine", CHECKOUT) == []


@pytest.mark.parametrize("back", ["from room.a import f", "if TYPE_CHECKING:\n    from room import a", "import room.a"])
def test_a_circle_is_found_whatever_it_is_imported_for(tmp_path: Path, back: str) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "a.py").write_text("from room.b import g\n")
    (room / "b.py").write_text("from typing import TYPE_CHECKING\n" + back + "\n")

    assert set(cycle(room, tmp_path)) == {"room.a", "room.b"}


def test_items_of_lists_that_come_with_a_row_are_known_as_good_objects() -> None:
    guard = type_guard(GRAPHQL_SCHEMA, GRAPHQL_SCHEMA.type_map["Tag"])

    assert {TagRow, TagRow.item} <= guard.good
