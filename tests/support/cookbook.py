"""The operations of docs/cookbook.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COOKBOOK = Path(__file__).parents[2] / "docs" / "cookbook.md"
RECIPE = re.compile(r"^### (\w+)\n\n(.*?)\n\n```graphql\n(.*?)^```(?:\n\n```json\n(.*?)^```)?", re.M | re.DOTALL)
COST = re.compile(r"\*\*(\d+) statements?\*\*")


@dataclass(frozen=True)
class Recipe:
    """An operation, its variables, and the statements that it says it costs."""

    name: str
    words: str
    text: str
    variables: dict[str, Any]
    statements: int

    @property
    def is_subscription(self) -> bool:
        return self.text.startswith("subscription")

    @property
    def is_edit(self) -> bool:
        return self.text.startswith("mutation")


def read_cookbook() -> dict[str, Recipe]:
    """All of them by name, in order."""
    recipes = {}
    for name, words, text, variables in RECIPE.findall(COOKBOOK.read_text()):
        [cost] = COST.findall(words)
        recipes[name] = Recipe(name, words, text, json.loads(variables or "{}"), int(cost))
    return recipes


def lists_by_path(value: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list of an answer, by the names of the fields that lead to it."""
    if isinstance(value, list):
        yield path, value
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield from lists_by_path(inner, f"{path}.{name}")
    for inner in value if isinstance(value, list) else ():
        yield from lists_by_path(inner, path)
