"""The statement contract of edits: each costs what docs/statements.md says, for any number of media."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.derived import settle
from tests.support.edit_shapes import EDITS, TAXONOMY_EDITS, EditShape
from tests.support.job_shapes import JOB_EDITS, START_NAMES
from tests.support.noun_edit_shapes import FILL_NOUNS, NOUN_EDITS

FILL = """
INSERT INTO library (name, folded_name) VALUES ('L', 'l');
INSERT INTO media (library_id, kind, title, folded_title, sort_title)
SELECT 1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 500) n;
"""


# Edits of one thing, whatever its size; and the upsert, which costs a statement for each kind of list that is given.
OF_ONE = {"createLibrary", "renameLibrary", "deleteLibrary", "setSetting"}
OTHERS = {
    "upsertMedia",
    "undo",
    "refreshMetadata",
    "clearProviderCache",
    *START_NAMES,
    *(shape.name for shape in JOB_EDITS),
}  # with tables, or a column, of their own, or of outside services


@pytest.mark.parametrize("shape", [*EDITS, *NOUN_EDITS], ids=lambda shape: shape.name)
async def test_an_edit_costs_its_published_statements_for_any_number_of_media(
    shape: EditShape, api: Api, connection: Any
) -> None:
    await connection.execute(FILL)
    if shape in NOUN_EDITS:
        await connection.execute(FILL_NOUNS)
        await settle(connection)
    for number in (1, 10, 500):
        [payload] = (await api.run(shape.text, **shape.variables(number))).values()
        done = number if not shape.name.startswith("delete") else number - {1: 0, 10: 1, 500: 10}[number]
        assert payload == {"succeeded": done}
        assert api.statements[0] == api.statements[-1] == "transaction"
        assert len(api.statements) == 2 + shape.statements, api.statements


def test_every_edit_of_many_things_is_published(api: Api) -> None:
    fields: Any = api.service.engine.schema.mutation_type.fields  # type: ignore[union-attr]

    published = {shape.name.partition(" with ")[0] for shape in (*EDITS, *NOUN_EDITS)} | {
        shape.name for shape in TAXONOMY_EDITS
    }
    assert set(fields) - OF_ONE - OTHERS == published
