"""The words that search knows, by which it sees wrong letters: learnt from time to time from what has changed.

Nobody who writes waits for another one who writes the same word; a word that is not learnt yet is found all the same.
Words that nothing has any longer stay: reading one finds nothing."""

from __future__ import annotations

from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.enums import SearchType
from domain.memberships import MEMBERSHIPS
from domain.viewer import UNRESTRICTED

# Media, and names of each kind, that are looked at in one transaction.
LEARNT_AT_ONCE = 20_000

SEARCHED = {one.value.lower() for one in SearchType}
NAMES = (
    ("person", "person", "id", "folded_name"),
    ("collection", "collection", "id", "folded_name"),
    *((one.noun, f"{one.noun}_name", f"{one.noun}_id", "folded") for one in MEMBERSHIPS if one.noun in SEARCHED),
)

# The names of a kind that came after those that are learnt.
NEW_NAMES = """new_{noun} AS MATERIALIZED (
    SELECT n.{id} AS id, n.{folded} AS folded FROM {table} n WHERE n.{id} > (SELECT {noun}_id FROM known)
    ORDER BY n.{id} FETCH FIRST {most} ROWS WITH TIES
)"""

# One learner at a time: who finds the row taken learns nothing.
LEARN = """
WITH known AS MATERIALIZED (SELECT * FROM search_vocabulary FOR UPDATE SKIP LOCKED), changed AS MATERIALIZED (
    SELECT c.media_id, c.transaction_id FROM media_change c
    WHERE c.transaction_id >= (SELECT transaction_id FROM known) AND c.transaction_id < first_unsettled_transaction()
    ORDER BY c.transaction_id FETCH FIRST {most} ROWS WITH TIES
), {new_names}, words AS (
    SELECT m.title_words AS words FROM media m WHERE m.id IN (SELECT media_id FROM changed)
    UNION ALL SELECT search_words(m.folded_original_title) FROM media m
    WHERE m.folded_original_title IS NOT NULL AND m.id IN (SELECT media_id FROM changed)
    UNION ALL SELECT search_words(a.folded_title) FROM media_alias a
    WHERE a.media_id IN (SELECT media_id FROM changed)
    {words_of_names}
), learnt AS (
    INSERT INTO search_word (word)
    SELECT DISTINCT word FROM words CROSS JOIN LATERAL unnest(string_to_array(words.words, ' ')) AS word
    WHERE char_length(word) BETWEEN 3 AND 30 AND word ~ '[^0-9]' ORDER BY word
    ON CONFLICT (word) DO NOTHING
)
UPDATE search_vocabulary v SET
    transaction_id = coalesce((SELECT max(transaction_id) + 1 FROM changed), v.transaction_id), {moved}
FROM known RETURNING (SELECT count(*) FROM changed) {counted} AS looked_at
"""

# Everything is learnt again.
FORGET_POSITIONS = f"UPDATE search_vocabulary SET transaction_id = 0, {', '.join(f'{one[0]}_id = 0' for one in NAMES)}"


def learn_sql(most: int) -> str:
    """Learns the words of some media that have changed and of some new names; gives how many were looked at."""
    new_names = (
        NEW_NAMES.format(noun=noun, table=table, id=id, folded=folded, most=most) for noun, table, id, folded in NAMES
    )
    words = (f"UNION ALL SELECT search_words(folded) FROM new_{one[0]}" for one in NAMES)
    moved = (f"{one[0]}_id = coalesce((SELECT max(id) FROM new_{one[0]}), v.{one[0]}_id)" for one in NAMES)
    return LEARN.format(
        most=most,
        new_names=", ".join(new_names),
        words_of_names=" ".join(words),
        moved=", ".join(moved),
        counted=" ".join(f"+ (SELECT count(*) FROM new_{one[0]})" for one in NAMES),
    )


async def learn_words(session: WritingSession, most: int = LEARNT_AT_ONCE) -> int:
    """How many media and names were looked at: 0 where all are learnt, or where another one learns."""

    async def learn(writer: Writer) -> int:
        rows = await writer.fetch(learn_sql(most))
        return int(rows[0]["looked_at"]) if rows else 0

    return await transact(session, UNRESTRICTED, "learn_words", learn)
