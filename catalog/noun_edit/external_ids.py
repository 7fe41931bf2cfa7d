"""The external ids that an edit gives people: whose they are, and what changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalog.noun_edit.external_id_statements import GIVE_IDS, READ_IDS, TAKE_IDS, ids_of_noun
from catalog.noun_edit.names import transposed
from catalog.transaction import Writer
from catalog.upsert.keys import ExternalId
from catalog.upsert.people import check_ids
from domain.errors import CatalogError, Code
from domain.ids import format_id


def check_external_ids(given: Iterable[tuple[str, str]]) -> tuple[ExternalId, ...]:
    """BAD_ARGUMENT, TOO_MANY."""
    try:
        return check_ids(given)
    except CatalogError as error:
        raise CatalogError(Code(error.extensions["code"]), f"externalIds: {error}") from None


class ExternalIdChanges:
    """External ids of the items of an edit, held against those that are there and those of the items before. Where none
    are given, nothing is sent."""

    def __init__(self, noun: str, *, is_given: bool) -> None:
        self._noun = noun
        self._is_given = is_given
        self._owners: dict[ExternalId, int | str] = {}
        self._ids: dict[int, set[ExternalId]] = defaultdict(set)
        self._gone: list[tuple[str, str, int]] = []
        self._new: list[tuple[str, str, int]] = []

    @classmethod
    async def load(
        cls, writer: Writer, noun: str, given: Iterable[Sequence[ExternalId] | None], ids: Sequence[int]
    ) -> ExternalIdChanges:
        """`given`: of each item, None where they stay; `ids`: of those who are there, locked."""
        lists = [one for one in given if one is not None]
        found = cls(noun, is_given=bool(lists))
        if lists:
            pairs = [*{one: None for ids_of_item in lists for one in ids_of_item}]
            text = ids_of_noun(READ_IDS, noun)
            for source, value, id in await writer.fetch(text, ids, *transposed(pairs, 2)):
                found._owners[source, value] = id
                found._ids[id].add((source, value))
        return found

    def claim(self, place: int, id: int | None, given: Sequence[ExternalId] | None) -> None:
        """EXTERNAL_ID_TAKEN where another one, or an earlier item, has one of these ids."""
        for one in given or ():
            owner = self._owners.get(one)
            if owner is None or owner == id:
                continue
            who = owner if isinstance(owner, str) else format_id(self._noun, owner)
            raise CatalogError(
                Code.EXTERNAL_ID_TAKEN, f"{who} has the external id {':'.join(one)!r}: merge the two, or correct one."
            )
        self._owners.update(dict.fromkeys(given or (), f"Item {place} of this edit" if id is None else id))

    def put(self, id: int, given: Sequence[ExternalId] | None) -> bool:
        """Whether the ids of one differ from those that it had."""
        if given is None:
            return False
        before, after = self._ids.get(id, set()), set(given)
        for one in before - after:
            del self._owners[one]
        self._gone += [(*one, id) for one in before - after]
        self._new += [(*one, id) for one in after - before]
        return before != after

    async def store(self, writer: Writer, *, is_new: bool = False) -> None:
        if not self._is_given:
            return
        if not is_new:
            await writer.fetch(ids_of_noun(TAKE_IDS, self._noun), *transposed(self._gone, 3))
        await writer.fetch(ids_of_noun(GIVE_IDS, self._noun), *transposed(self._new, 3))
