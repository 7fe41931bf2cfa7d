"""The statements of external ids of a noun, which edits and upserts of people send alike."""

from __future__ import annotations

# Those of some of them, and of whoever has one of those that are given.
READ_IDS = """
SELECT x.source, x.value, x.{noun}_id FROM {noun}_external_id x WHERE x.{noun}_id = any($1::bigint[])
UNION SELECT x.source, x.value, x.{noun}_id
FROM unnest($2::text[], $3::text[]) AS k(source, value)
JOIN {noun}_external_id x ON x.source = k.source AND x.value = k.value
"""

TAKE_IDS = """
DELETE FROM {noun}_external_id x USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone(source, value, {noun}_id)
WHERE x.source = gone.source AND x.value = gone.value AND x.{noun}_id = gone.{noun}_id
"""
# In the order of the ids, so that two edits cannot wait for each other.
GIVE_IDS = """
INSERT INTO {noun}_external_id (source, value, {noun}_id)
SELECT source, value, {noun}_id
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new(source, value, {noun}_id) ORDER BY source, value
"""


def ids_of_noun(text: str, noun: str) -> str:
    return text.replace("{noun}", noun)
