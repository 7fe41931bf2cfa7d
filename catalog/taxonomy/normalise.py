"""Names cleaned by rules: each gets the name that the rules make of it, and those that get one name become one."""

from __future__ import annotations

from dataclasses import replace

from catalog.edit import beside_loop
from catalog.taxonomy.noun import Noun
from catalog.taxonomy.plan import Conflict, Plan
from catalog.taxonomy.planning import Names, merge_parents, new_plan, read_names, rename_rows
from catalog.taxonomy.rules import Rules
from catalog.taxonomy.statements import READ_SETTING
from catalog.transaction import Writer
from domain.enums import TaxonomyOperationKind
from domain.errors import CatalogError
from domain.settings import KNOWN
from domain.text import fold

KEPT = "taxonomy.kept_singular"


async def plan_normalise(writer: Writer, noun: Noun, rules: Rules, asked: dict[str, object]) -> Plan:
    """asked: the rules as they are told of in the operation."""
    rows = await writer.fetch(READ_SETTING, KEPT)
    words = rows[0][0] if rows else KNOWN[KEPT].default
    rules = replace(rules, kept=rules.kept | frozenset(map(fold, words)))
    names = await read_names(writer, noun, None)
    plan = new_plan(noun, TaxonomyOperationKind.NORMALISE, names, rules=asked)
    await beside_loop(len(plan.names), decide_names, plan, names, rules)
    await merge_parents(writer, plan)
    return plan


def decide_names(plan: Plan, names: Names, rules: Rules) -> None:
    """What becomes of all names."""
    cleaned = clean_all(plan, rules)
    if plan.noun.has_aliases:
        merge_same(plan, names, cleaned)
    else:
        rename_alone(plan, cleaned)
    concerned = {*plan.renames, *plan.pairs, *(id for id in plan.pairs.values() if id is not None)}
    plan.names = {id: names.rows[id] for id in sorted(concerned)}
    rename_rows(plan, names, keep=True)


def clean_all(plan: Plan, rules: Rules) -> dict[int, str]:
    """What the rules make of each name; one that they make nothing of, or too much, stays and is told of."""
    cleaned: dict[int, str] = {}
    for id, name in plan.names.items():
        made = rules.clean(name)
        if made == name:
            cleaned[id] = name
            continue
        try:
            cleaned[id] = plan.noun.check_name(made)
        except CatalogError as error:
            message = f"{name!r} would become {made!r} and stays: {error}"
            plan.conflicts.append(Conflict(str(error.extensions["code"]), message[:1000], id))
            cleaned[id] = name
    return cleaned


def merge_same(plan: Plan, names: Names, cleaned: dict[int, str]) -> None:
    """Each folded name gets one owner: who has it now, or has it as an alias, else the oldest that gets it."""
    keys = {id: fold(name) for id, name in cleaned.items()}
    owner: dict[str, int] = {}
    for text, row in names.folded.items():
        if row.is_primary and keys.get(row.id) == text:
            owner[text] = row.id
    for id in sorted(keys):
        owner.setdefault(keys[id], id)
    follow = Follow(names, keys, owner)
    for id in sorted(keys):
        into = follow.into(id)
        if into != id:
            plan.pairs[id] = into
    for id, name in cleaned.items():
        if id not in plan.pairs and name != plan.names[id]:
            plan.renames[id] = name


class Follow:
    """Where a name leads: to the owner of what it becomes, and where that is an alias, to whom the alias is of."""

    def __init__(self, names: Names, keys: dict[int, str], owner: dict[str, int]) -> None:
        self.names, self.keys, self.owner = names, keys, owner

    def into(self, id: int) -> int:
        text, path = self.keys[id], list[str]()
        while True:
            row = self.names.folded.get(text)
            if row is None or row.is_primary or self.keys[row.id] == text:
                return self.owner[text]
            path.append(text)
            text = self.keys[row.id]
            if text in path:  # aliases of each other: the first by name
                return self.owner[min(path[path.index(text) :])]


def rename_alone(plan: Plan, cleaned: dict[int, str]) -> None:
    """Of those of which two may bear one name: nobody knows whether they are one, so they are told of."""
    bearers: dict[str, list[int]] = {}
    for id, name in cleaned.items():
        bearers.setdefault(fold(name), []).append(id)
    for id, name in cleaned.items():
        if name == plan.names[id]:
            continue
        plan.renames[id] = name
        if len(bearers[fold(name)]) > 1 and fold(plan.names[id]) != fold(name):
            message = f"{plan.names[id]!r} gets the name {name!r}, which others have: merge them if they are one."
            plan.conflicts.append(Conflict("SAME_NAME", message, id))
