"""The graph of the modules: no module needs itself, and only GraphQL's types name each other, lazily."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOMS = ("domain", "database", "loaders", "catalog", "jobs", "schema")


def graph(*, typing: bool) -> dict[str, set[str]]:
    """By module what it imports; `typing`: also what it imports for its types alone."""
    found = grimp.build_graph(*ROOMS, exclude_type_checking_imports=not typing, cache_dir=None)
    return {module: set(found.find_modules_directly_imported_by(module)) for module in found.modules}


def cycles(imports: dict[str, set[str]]) -> list[set[str]]:
    """The modules that need each other: sets of those that are reached from each other."""
    reached = {module: set(reachable(imports, module)) for module in imports}
    found: list[set[str]] = []
    for module in imports:
        both = {other for other in reached[module] if module in reached[other]}
        if both and both not in found:
            found.append(both)
    return found


def reachable(imports: dict[str, set[str]], start: str) -> Iterator[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        for module in imports[waiting.pop()] - seen:
            seen.add(module)
            waiting.append(module)
            yield module


def lazy(module: str) -> set[str]:
    """The modules that a module of the schema names by strawberry.lazy."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    calls = [node for node in ast.walk(ast.parse(Path(spec.origin).read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "lazy"]
    arguments = [argument for call in named for argument in call.args if isinstance(argument, ast.Constant)]
    return {str(argument.value) for argument in arguments}


def test_no_module_needs_itself_to_run() -> None:
    assert cycles(graph(typing=False)) == []


def test_only_types_of_graphql_name_each_other_and_do_so_lazily() -> None:
    imports, run = graph(typing=True), graph(typing=False)
    [circle] = cycles(imports)

    for module in circle:
        assert module.rpartition(".")[0] == "schema", "a noun's own file, none of the filters or of what serves all"
        assert (imports[module] - run[module]) & circle <= lazy(module), module


@pytest.mark.parametrize(
    ("imports", "found"), [({"a": {"b"}, "b": set()}, []), ({"a": {"b"}, "b": {"a"}}, [{"a", "b"}])]
)
def test_a_cycle_is_found(imports: dict[str, set[str]], found: list[set[str]]) -> None:
    assert cycles(imports) == found
