"""The operations of docs/cookbook.md."""

from __future__ import annotations

import json
import re
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
    def is_edit(self) -> bool:
        return self.text.startswith("mutation")


def read_cookbook() -> dict[str, Recipe]:
    """All of them by name, in order."""
    recipes = {}
    for name, words, text, variables in RECIPE.findall(COOKBOOK.read_text()):
        [cost] = COST.findall(words)
        recipes[name] = Recipe(name, words, text, json.loads(variables or "{}"), int(cost))
    return recipes
