"""Plans of the statements that move links, at 100,000 media: by indexes, whatever is moved."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import CHANNEL, GENRE, TAG, Noun
from catalog.taxonomy.statements import DIGEST, LOCK_LINKED_MEDIA, for_noun, move_links

# A rare one of each: that all media or links are read for it would be wrong.
RARE = "SELECT {noun}_id FROM media_{noun} GROUP BY 1 ORDER BY count(*), 1 LIMIT 1"


@pytest.mark.parametrize("noun", [TAG, GENRE, CHANNEL], ids=lambda noun: noun.name)
async def test_what_few_media_have_is_moved_without_reading_all(noun: Noun, large_reader: Any) -> None:
    rare = await large_reader.fetchval(RARE.replace("{noun}", noun.name))
    if rare is None:
        pytest.skip(f"no media has a {noun.name}")
    for text, values in (
        (for_noun(noun, DIGEST), ([rare], None, None, [rare])),
        (for_noun(noun, LOCK_LINKED_MEDIA), ([rare], None)),
        (move_links(noun), (1, [rare], [None], None)),
    ):
        plan = "\n".join(row[0] for row in await large_reader.fetch(f"EXPLAIN (COSTS OFF) {text}", *values))
        for table in ("media m", f"media_{noun.name} j", f"media_{noun.name}", "media_change"):
            assert f"Seq Scan on {table}\n" not in f"{plan}\n", plan
