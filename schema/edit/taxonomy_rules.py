"""The rules of normalise mutations, as clients give them."""

from __future__ import annotations

from typing import Any

import strawberry

from catalog.edit import LoopYield
from catalog.taxonomy.rules import Ampersand, NameCase, Rules
from domain.errors import CatalogError, Code
from domain.text import fold
from schema.core.enums import describe
from schema.filter.name_filter import check_letters

MAX_NAMES = 5_000
LETTERS = 300

describe(
    NameCase,
    "Which letters of a name are capitals.",
    LOWER="None: science fiction.",
    UPPER="All: SCIENCE FICTION.",
    TITLE="The first of each word: Science Fiction.",
    SENTENCE="The first: Science fiction.",
)
describe(Ampersand, 'How "and" is written.', AND="rock and roll", SIGN="rock & roll")


@strawberry.input(description="One name and what it becomes, whatever the other rules.")
class NameReplacement:
    name: str = strawberry.field(description="A name as it is; case and accents do not matter.")
    becomes: str = strawberry.field(description="What it becomes; the other rules then apply.")


@strawberry.input(
    description="Rules by which names are cleaned, applied in this order; one that is not given is not applied."
)
class NormaliseRules:
    names: list[NameReplacement] | None = strawberry.field(
        default=None, description=f"Names to replace by others first; at most {MAX_NAMES}."
    )
    separators: bool = strawberry.field(
        default=False, description="Hyphens, underscores and camelCase between words become spaces: sci_fi, sciFi."
    )
    punctuation: bool = strawberry.field(
        default=False, description="Marks become spaces, apostrophes and quotation marks go."
    )
    ampersand: Ampersand | None = strawberry.field(default=None, description='How "and" is written between words.')
    numbers: bool = strawberry.field(
        default=False, description="Number words up to twelve become digits, in names of several words."
    )
    plurals: bool = strawberry.field(
        default=False,
        description="The last word is put into the singular by English rules: stories, boxes, robots. Words of the "
        "setting taxonomy.kept_singular stay.",
    )
    kept_plurals: list[str] | None = strawberry.field(
        default=None, description=f"More words or names that are no plurals; at most {MAX_NAMES}."
    )
    accents: bool = strawberry.field(
        default=False, description="Accents of Latin, Greek and Cyrillic letters are taken away."
    )
    case: NameCase | None = strawberry.field(default=None, description="Which letters are capitals.")
    spaces: bool = strawberry.field(default=True, description="Spaces at the ends go, and several in a row become one.")


async def read_rules(given: NormaliseRules) -> tuple[Rules, dict[str, Any]]:
    """The rules, and how the operation tells of them. BAD_ARGUMENT for lists too long and contradictions."""
    names: dict[str, str] = {}
    for what in (given.names, given.kept_plurals):
        if what is not None and len(what) > MAX_NAMES:
            raise CatalogError(Code.BAD_ARGUMENT, f"At most {MAX_NAMES} names in a rule: {len(what)} were given.")
    turns = LoopYield()
    for one in given.names or ():
        await turns.maybe_yield()
        check_letters(one.name, 5 * LETTERS)
        check_letters(one.becomes, 5 * LETTERS)
        if names.setdefault(fold(one.name), one.becomes) != one.becomes:
            raise CatalogError(Code.BAD_ARGUMENT, f"{one.name!r} cannot become two names: name it once.")
    kept = set[str]()
    for text in given.kept_plurals or ():
        await turns.maybe_yield()
        check_letters(text, 5 * LETTERS)
        kept.add(fold(text))
    rules = Rules(
        names,
        given.separators,
        given.punctuation,
        given.ampersand,
        given.numbers,
        given.plurals,
        given.accents,
        given.case,
        given.spaces,
        frozenset(kept),
    )
    return rules, told(rules)


def told(rules: Rules) -> dict[str, Any]:
    """The rules that are on, as JSON."""
    flags = ("separators", "punctuation", "numbers", "plurals", "accents", "spaces")
    found: dict[str, Any] = {name: True for name in flags if getattr(rules, name)}
    for name, choice in (("ampersand", rules.ampersand), ("case", rules.case)):
        if choice is not None:
            found[name] = choice.value
    return {**found, "names": len(rules.names)} if rules.names else found
