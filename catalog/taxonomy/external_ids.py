"""External ids of what becomes part of another one: they go along, and by an undo come back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from catalog.taxonomy.plan import Conflict, Plan
from catalog.taxonomy.statements import READ_EXTERNAL_IDS, for_noun
from catalog.transaction import Writer
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.ids import format_id


async def move_external_ids(writer: Writer, plan: Plan) -> None:
    """One that comes to have several ids of a source keeps all of them. What would be too many is left out, and told; a
    deletion takes them away, as it does names."""
    noun = plan.noun
    if not noun.has_external_ids:
        return
    found = await writer.fetch(for_noun(noun, READ_EXTERNAL_IDS), plan.touched)
    numbers = Counter(row[2] for row in found)
    rows = plan.rows.setdefault(noun.ids_table, [])
    lost = Counter[int]()
    for source, value, id in found:
        if id not in plan.pairs:
            continue
        into = plan.pairs[id] if plan.is_lasting else None
        old: dict[str, Any] = {"source": source, "value": value, noun.key: id}
        if into is not None and numbers[into] < EXTERNAL_IDS_OF_A_PERSON:
            numbers[into] += 1
            rows.append((old, {**old, noun.key: into}))
            continue
        rows.append((old, None))
        if into is not None:
            lost[into] += 1
    for id, number in lost.items():
        message = f"{format_id(noun.name, id)} would have more than {EXTERNAL_IDS_OF_A_PERSON} external ids: "
        plan.conflicts.append(Conflict("TOO_MANY", f"{message}{number} are left out.", id))
