"""Rules by which names are cleaned on their way in: standing ones, from the settings `normalisation.<plural>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from catalog.taxonomy.rules import Ampersand, NameCase, Rules
from domain.settings import KEPT_SINGULAR, KNOWN, NORMALISATION
from domain.text import fold

RULE_SETTINGS = (*NORMALISATION.values(), KEPT_SINGULAR)

_STEPS: Mapping[str, Callable[[Rules], Rules]] = {
    "SEPARATORS": lambda rules: replace(rules, separators=True),
    "PUNCTUATION": lambda rules: replace(rules, punctuation=True),
    "AND": lambda rules: replace(rules, ampersand=Ampersand.AND),
    "AMPERSAND": lambda rules: replace(rules, ampersand=Ampersand.SIGN),
    "NUMBERS": lambda rules: replace(rules, numbers=True),
    "PLURALS": lambda rules: replace(rules, plurals=True),
    "ACCENTS": lambda rules: replace(rules, accents=True),
    **{f"{one.value}_CASE": lambda rules, one=one: replace(rules, case=one) for one in NameCase},  # type: ignore[misc]
}


def standing_rules(settings: Mapping[str, Any]) -> dict[str, Rules]:
    """By noun the rules of those that have some. settings: values by key, where they are set."""
    kept = settings.get(KEPT_SINGULAR, KNOWN[KEPT_SINGULAR].default)
    found = {noun: settings.get(key, KNOWN[key].default) for noun, key in NORMALISATION.items()}
    return {noun: rules_of(tuple(words), tuple(kept)) for noun, words in found.items() if words}


@lru_cache(maxsize=20)
def rules_of(words: tuple[str, ...], kept: tuple[str, ...]) -> Rules:
    """The rules that a setting names."""
    rules = Rules(kept=frozenset(map(fold, kept)))
    for word in words:
        rules = _STEPS[word](rules)
    return rules
