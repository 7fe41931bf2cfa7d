"""Names of a whole catalogue cleaned beside other requests: in a thread, in parts that let the loop have its turn."""

from __future__ import annotations

import threading
from functools import partial
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from catalog.edit import MANY
from catalog.taxonomy import plan, planning
from catalog.taxonomy.normalise import plan_normalise
from catalog.taxonomy.noun import TAG
from catalog.taxonomy.operation import preview
from catalog.taxonomy.rules import NameCase, Rules
from catalog.transaction import transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED

NAMES = 3 * MANY
FILL = f"""
INSERT INTO tag (name, folded_name, slug) SELECT 'A_' || n, 'a_' || n, 'a-' || n FROM generate_series(1, {NAMES}) n;
INSERT INTO tag_name (folded, tag_id, is_primary) SELECT folded_name, id, true FROM tag;
"""


async def test_many_names_are_sorted_and_written_in_parts_and_in_a_thread(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What sorts texts or writes JSON lets no other thread go on, so none of it may be long."""
    await connection.execute(FILL)
    sizes: list[int] = []

    def noted(work: Any, given: Any, **options: Any) -> Any:
        given = list(given)
        if len(given) > 1 and not isinstance(given[0], int):
            sizes.append(len(given))
            assert threading.current_thread() is not threading.main_thread()
        return work(given, **options)

    monkeypatch.setattr(planning, "sorted", partial(noted, sorted), raising=False)
    monkeypatch.setattr(plan, "orjson", SimpleNamespace(dumps=partial(noted, orjson.dumps)))
    make = partial(plan_normalise, noun=TAG, rules=Rules(separators=True, case=NameCase.LOWER), asked={})
    async with open_session(writer) as session:
        outcome = await transact(session, UNRESTRICTED, "test", lambda writer: preview(writer, make))

    assert (outcome.counts.renamed, len(outcome.examples)) == (NAMES, plan.MAX_EXAMPLES)
    assert len(sizes) > 2 * NAMES / MANY
    assert max(sizes) <= MANY
