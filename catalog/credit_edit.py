"""Credits made, changed and deleted by hand: many in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.derived.statements import copied, deleted_rows, inserted_rows, joined, new_pairs, old_pairs
from catalog.edit import EditOutcome, LoopYield, add_events, lock_media, no_such_media
from catalog.media_values import bad_argument
from catalog.noun_edit.declared import read_values
from catalog.noun_edit.edit import NounInput, check_version, named_ids
from catalog.noun_edit.names import transposed
from catalog.transaction import Writer
from catalog.upsert.lists import LISTS_BY_NAME
from catalog.upsert.names import ItemNames
from database.row import Row
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code

CREDITS = LISTS_BY_NAME["credits"]
COLUMNS_OF_A_CREDIT = tuple(one.column for one in CREDITS.fields)
_GIVEN = ", ".join(COLUMNS_OF_A_CREDIT)
_ROW = ", ".join(f"r.{name}" for name in COLUMNS_OF_A_CREDIT)
_CREDIT_COPIES, _CREDIT_VALUES = copied("credit")

# The media of credits that may be changed, before they are locked; and the credits once they are.
MEDIA_OF_CREDITS = """
SELECT c.id, c.media_id FROM credit c
WHERE c.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR c.library_id = any($2::bigint[]))
"""
LOCK_CREDITS = """
SELECT c.id, c.version, to_jsonb(c) AS row FROM credit c
WHERE c.id = any($1::bigint[]) AND c.media_id = any($2::bigint[]) ORDER BY c.id FOR NO KEY UPDATE
"""

# How many credits media have, and the highest of their positions.
CURRENT_CREDITS = """
SELECT media_id, count(*), max(position) FROM credit WHERE media_id = any($1::bigint[]) GROUP BY media_id
"""

INSERT_CREDITS = inserted_rows(
    "credit",
    f"""
INSERT INTO credit (media_id, {_GIVEN}, {_CREDIT_COPIES})
SELECT m.id, {_ROW}, {_CREDIT_VALUES}
FROM unnest($1::bigint[], $2::jsonb[]) WITH ORDINALITY AS new(media_id, columns, place)
JOIN media m ON m.id = new.media_id, jsonb_populate_record(NULL::credit, new.columns) AS r
ORDER BY new.place
""",
    feed=False,
    answer="SELECT id FROM changed ORDER BY id",
)

UPDATE_CREDITS = f"""
UPDATE credit t SET ({_GIVEN}) = (SELECT {_ROW} FROM jsonb_populate_record(t, change.columns) AS r),
    version = t.version + 1
FROM unnest($1::bigint[], $2::jsonb[]) AS change(id, columns) WHERE t.id = change.id
"""

# The pairs of media and people after credits have changed, each in a statement of its own, which sees them changed. No
# row of `changed` has an id that a credit has: all that there are count.
_PAIRS = """
SELECT 0::bigint AS id, media_id, person_id FROM unnest($1::bigint[], $2::bigint[]) AS given(media_id, person_id)
"""
ADD_PAIRS = joined(_PAIRS, new_pairs("credit"))
REMOVE_PAIRS = joined(_PAIRS, old_pairs("credit"))

DELETE_CREDITS = deleted_rows("credit", "DELETE FROM credit c WHERE c.id = any($1::bigint[])", "c", feed=False)


class People:
    """The people whom the items of an edit name, by id or by name."""

    def __init__(self) -> None:
        self._names = ItemNames()
        self._made: dict[str, int] = {}

    async def load(self, writer: Writer, items: Iterable[NounInput], outcome: EditOutcome) -> list[NounInput]:
        """The items whose people can be looked for; the others fail."""
        found = []
        for one in items:
            try:
                if one.values.get("person_id") is not None:
                    self._names.refer("person", one.values["person_id"])
                found.append(one)
            except CatalogError as error:
                outcome.fail(error, one.place, one.id)
        await self._names.look_up(writer, always=("person",))
        return found

    def find(self, given: int | str, *, create: bool) -> int | str:
        """The id of the one that is meant, the folded name of one that is to be made; NOT_FOUND, AMBIGUOUS."""
        found = self._names.found("person", self._names.refer("person", given))
        if isinstance(found, str) and not create:
            raise CatalogError(Code.NOT_FOUND, f"There is no person with the name {given!r}.")
        return found

    async def create(self, writer: Writer, rows: Iterable[Mapping[str, Any]]) -> None:
        """Makes those of these rows that are to be made."""
        missing = {one["person_id"] for one in rows if isinstance(one.get("person_id"), str)}
        self._made = (await self._names.create(writer, {"person": missing}, always=("person",)))["person"]

    def settled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with the id of a person who has been made."""
        person = values.get("person_id")
        return {**values, "person_id": self._made[person]} if isinstance(person, str) else {**values}


async def create_credits(writer: Writer, items: Sequence[NounInput], *, create: bool) -> EditOutcome:
    """Makes credits; the ids of the outcome are in the order given. Among the values of an item is its media.

    Without a position one comes behind those that are there. `create`: people whose names are not known are made.
    NOT_FOUND, AMBIGUOUS, TOO_MANY, BAD_ARGUMENT."""
    outcome = EditOutcome()
    people = People()
    known = await people.load(writer, items, outcome)
    locked = await lock_media(writer, (one.values["media_id"] for one in items))
    rows = await writer.fetch(CURRENT_CREDITS, list(locked))
    numbers = Counter({row[0]: row[1] for row in rows})
    next_position: defaultdict[int, int] = defaultdict(int, {row[0]: row[2] + 1 for row in rows})
    made: list[tuple[int, dict[str, Any]]] = []
    turns = LoopYield()
    for one in known:
        await turns.maybe_yield()
        target = one.values["media_id"]
        try:
            if target not in locked:
                raise no_such_media()
            values = read_credit(one, people, create=create)
            if numbers[target] >= CREDITS.most:
                raise CatalogError(Code.TOO_MANY, f"A media has at most {CREDITS.most} credits.")
            if values["position"] is None:
                values["position"] = next_position[target]
            numbers[target] += 1
            next_position[target] = max(next_position[target], values["position"] + 1)
            made.append((target, values))
        except CatalogError as error:
            outcome.fail(error, one.place)
    await people.create(writer, (values for _, values in made))
    settled = [people.settled(values) for _, values in made]
    outcome.media = [row[0] for row in await writer.fetch(INSERT_CREDITS, [target for target, _ in made], settled)]
    await note_credits(writer, locked, "added", [target for target, _ in made])
    return outcome


def read_credit(one: NounInput, people: People, *, create: bool) -> dict[str, Any]:
    """The columns of a credit as they are to be stored; the person by id, or by the folded name of a new one."""
    values = read_values(CREDITS.fields, one.values, is_new=one.id is None)
    if values.get("position", 0) is None and one.id is not None:
        raise bad_argument("position cannot be null.")
    if "person_id" in values:
        values["person_id"] = people.find(values["person_id"], create=create)
    return values


async def update_credits(writer: Writer, items: Sequence[NounInput], *, create: bool) -> EditOutcome:
    """Changes credits; only those that become different have another version. NOT_FOUND, VERSION_CONFLICT, AMBIGUOUS.

    `create`: people whose names are not known are made."""
    outcome = EditOutcome()
    people = People()
    known = await people.load(writer, items, outcome)
    media, credits = await lock_credits(writer, named_ids(items))
    changed: dict[int, dict[str, Any]] = {}
    turns = LoopYield()
    for one in known:
        await turns.maybe_yield()
        try:
            if one.id is None or one.id not in credits:
                raise no_such_credit()
            if one.id in changed:
                raise bad_argument("This credit stands in two items of one edit.")
            check_version("credit", credits[one.id], one.version)
            old = credits[one.id]["row"]
            values = read_credit(one, people, create=create)
            changed[one.id] = {name: value for name, value in values.items() if old[name] != value}
        except CatalogError as error:
            outcome.fail(error, one.place, one.id)
    outcome.media = list(changed)
    await people.create(writer, changed.values())
    written = {id: people.settled(values) for id, values in changed.items() if values}
    await writer.fetch(UPDATE_CREDITS, list(written), list(written.values()))
    moved = [(credits[id]["row"], values["person_id"]) for id, values in written.items() if "person_id" in values]
    await writer.fetch(ADD_PAIRS, *transposed([(old["media_id"], person) for old, person in moved], 2))
    await writer.fetch(REMOVE_PAIRS, *transposed([(old["media_id"], old["person_id"]) for old, _ in moved], 2))
    await note_credits(writer, media, "changed", [credits[id]["row"]["media_id"] for id in written])
    return outcome


async def delete_credits(writer: Writer, places: Mapping[int, int]) -> EditOutcome:
    """Deletes credits; NOT_FOUND. `places`: by id the place in what was given."""
    outcome = EditOutcome()
    media, credits = await lock_credits(writer, places)
    for id, place in places.items():
        if id in credits:
            outcome.media.append(id)
        else:
            outcome.fail(no_such_credit(), place, id)
    await writer.fetch(DELETE_CREDITS, outcome.media)
    await note_credits(writer, media, "removed", [credits[id]["row"]["media_id"] for id in outcome.media])
    return outcome


def no_such_credit() -> CatalogError:
    return CatalogError(Code.NOT_FOUND, "There is no such credit.")


async def lock_credits(writer: Writer, ids: Iterable[int]) -> tuple[dict[int, Row], dict[int, Row]]:
    """The media of credits and the credits themselves that are there and may be changed, by id."""
    found = {row[0]: row[1] for row in await writer.fetch(MEDIA_OF_CREDITS, sorted(ids), writer.libraries)}
    media = await lock_media(writer, found.values())
    rows = await writer.fetch(LOCK_CREDITS, list(found), list(media))
    return media, {row["id"]: row for row in rows}


async def note_credits(writer: Writer, media: dict[int, Row], what: str, changed: Iterable[int]) -> None:
    """History, as an upsert has it. `changed`: the media of each credit."""
    none = dict.fromkeys(("added", "changed", "removed"), 0)
    events: dict[int, dict[str, Any]] = {
        one: {"credits": {**none, what: number}} for one, number in Counter(changed).items()
    }
    await add_events(writer, HistoryEventType.UPDATED, media, events, "credit")
