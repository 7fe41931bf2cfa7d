"""The statement contract of operations on names: what docs/statements.md says, however many names and media."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.edit_shapes import TAXONOMY_EDITS, TaxonomyShape

CLEAR = """TRUNCATE media, tag, genre, channel, person, taxonomy_operation, taxonomy_row, taxonomy_link,
    taxonomy_reference, library RESTART IDENTITY CASCADE"""
FILL = """
INSERT INTO library (name, folded_name) VALUES ('L', 'l');
INSERT INTO media (library_id, kind, title, folded_title, sort_title)
SELECT 1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, {number}) n;
"""
NAMED = """
INSERT INTO {noun} (name, folded_name, slug)
SELECT 'N_' || n || 's', 'n_' || n || 's', 'n' FROM generate_series(1, {number} + 1) n;
INSERT INTO {noun}_name SELECT folded_name, id, true FROM {noun};
INSERT INTO media_{noun} (media_id, {noun}_id, library_id, sort_title, added_at)
SELECT m.id, n.id, 1, m.sort_title, m.added_at FROM media m JOIN {noun} n ON n.id IN (m.id, m.id + 1);
"""
PEOPLE = """
INSERT INTO person (name, folded_name) SELECT 'N_' || n, 'n_' || n FROM generate_series(1, {number} + 1) n;
INSERT INTO person_external_id SELECT 'imdb', id, id FROM person;
INSERT INTO credit (media_id, person_id, role, library_id) SELECT id, id + 1, 'ACTOR', 1 FROM media;
INSERT INTO media_person (media_id, person_id, library_id, sort_title, added_at)
SELECT id, id + 1, 1, sort_title, added_at FROM media;
"""


async def fill(connection: Any, number: int) -> None:
    await connection.execute(CLEAR)
    await connection.execute(FILL.replace("{number}", str(number)))
    for noun in ("tag", "genre", "channel"):
        await connection.execute(NAMED.replace("{number}", str(number)).replace("{noun}", noun))
    await connection.execute(PEOPLE.replace("{number}", str(number)))


@pytest.mark.parametrize("shape", TAXONOMY_EDITS, ids=lambda shape: shape.name)
async def test_an_operation_costs_its_published_statements_for_any_number_of_names(
    shape: TaxonomyShape, api: Api, connection: Any
) -> None:
    for number in (1, 10, 400):
        await fill(connection, number)
        await api.run(shape.text, **shape.variables(number))
        assert api.statements[0] == api.statements[-1] == "transaction"
        found = [len(api.statements) - 2]
        await api.run('mutation { undo(operation: "taxonomy_operation_1") { counts { moved } } }')
        found.append(len(api.statements) - 2)
        assert found == [shape.statements, shape.undo], number


def test_every_operation_is_published(api: Api) -> None:
    fields: Any = api.service.engine.schema.mutation_type.fields  # type: ignore[union-attr]
    of_names = {name for name, field in fields.items() if str(field.type) == "TaxonomyPayload"}

    assert of_names == {shape.name for shape in TAXONOMY_EDITS} | {"undo"}
