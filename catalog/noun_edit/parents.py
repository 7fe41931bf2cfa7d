"""The tags above tags: what an edit gives as parents, checked against the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog.media_values import bad_argument
from catalog.membership import NamedTarget, resolve, targets_of
from catalog.membership_changes import MembershipItem
from catalog.noun_edit.declared import EditedNoun
from catalog.noun_edit.names import transposed
from catalog.transaction import Writer
from domain.bounds import PARENTS_OF_A_TAG
from domain.errors import CatalogError
from domain.memberships import BY_NOUN

# Writers of the tree take turns, as by the trigger of the table, but before they read what is there; and after the tags
# are locked, as in all edits of these.
TAKE_TURN_IN_TREE = "SELECT pg_advisory_xact_lock(hashtext('tag_parent')) WHERE $1::boolean"

# All pairs of the tree that go upwards from some tags.
PAIRS_ABOVE = """
WITH RECURSIVE above AS (
    SELECT p.tag_id, p.parent_id FROM tag_parent p WHERE p.tag_id = any($1::bigint[])
    UNION SELECT p.tag_id, p.parent_id FROM above a JOIN tag_parent p ON p.tag_id = a.parent_id
)
SELECT tag_id, array_agg(parent_id) FROM above GROUP BY tag_id
"""

TAKE_PARENTS = """
DELETE FROM tag_parent p USING unnest($1::bigint[], $2::bigint[]) AS gone(tag_id, parent_id)
WHERE p.tag_id = gone.tag_id AND p.parent_id = gone.parent_id
"""
GIVE_PARENTS = """
INSERT INTO tag_parent (tag_id, parent_id)
SELECT tag_id, parent_id FROM unnest($1::bigint[], $2::bigint[]) AS new(tag_id, parent_id) ORDER BY tag_id, parent_id
"""


class TagTree:
    """The part of the tree that an edit is about; changes are noted here, and stored at the end."""

    def __init__(self, known: Mapping[NamedTarget, tuple[int, str]], above: Mapping[int, set[int]]) -> None:
        self._known = known
        self._above = dict(above)
        self._gone: list[tuple[int, int]] = []
        self._new: list[tuple[int, int]] = []

    @classmethod
    async def load(
        cls, writer: Writer, noun: EditedNoun, given: Iterable[Sequence[NamedTarget] | None], ids: Iterable[int]
    ) -> TagTree:
        """`given`: the parents of each item, None where they stay; `ids`: the tags that are there already."""
        if not noun.has_parents:
            return cls({}, {})
        lists = [one for one in given if one is not None]
        known = await resolve(writer, BY_NOUN["tag"], [one for parents in lists for one in parents])
        await writer.fetch(TAKE_TURN_IN_TREE, bool(lists))
        rows = await writer.fetch(PAIRS_ABOVE, sorted({*ids, *(id for id, _ in known.values())}))
        return cls(known, {row[0]: set(row[1]) for row in rows})

    def parents(self, place: int, given: Sequence[NamedTarget]) -> set[int]:
        """The ids of those that an item names; BAD_ARGUMENT, NOT_FOUND."""
        if len(given) > PARENTS_OF_A_TAG:
            raise bad_argument(f"A tag has at most {PARENTS_OF_A_TAG} parents: {len(given)} were given.")
        found = targets_of(
            BY_NOUN["tag"], MembershipItem(place, (), tuple(given)), dict(self._known), strict=True, create=False
        )
        if isinstance(found, CatalogError):
            raise found
        return {one for one in found if isinstance(one, int)}

    def check(self, id: int, parents: set[int]) -> None:
        """BAD_ARGUMENT where a tag would stand below itself."""
        seen, waiting = set[int](), set(parents)
        while waiting:
            if id in waiting:
                raise bad_argument("A tag cannot stand below itself: one of these parents is, or is below, this tag.")
            seen |= waiting
            waiting = {above for one in waiting for above in self._above.get(one, ())} - seen

    def put(self, id: int, parents: set[int]) -> bool:
        """Whether the parents of a tag differ from those that it had."""
        before = self._above.get(id, set())
        self._above[id] = parents
        self._gone += [(id, one) for one in before - parents]
        self._new += [(id, one) for one in parents - before]
        return before != parents

    async def store(self, writer: Writer, noun: EditedNoun, *, is_new: bool = False) -> None:
        if not noun.has_parents:
            return
        if not is_new:
            await writer.fetch(TAKE_PARENTS, *transposed(self._gone, 2))
        await writer.fetch(GIVE_PARENTS, *transposed(self._new, 2))
