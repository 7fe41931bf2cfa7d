"""Upserts of random items with overlapping keys, compared table by table with a model in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from catalog.upsert.item import Item, OnConflict, Status
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.upserting import WHEN, all_rows, item, upsert

ROUNDS = 25
ITEMS = 6
TITLES = ["Alpha", "Beta", "Gamma"]
NAMES = ["Noir", "noir", "Rain", "Sun", "sun "]

External = tuple[str, str]


@dataclass
class Media:
    """A media as the model has it; lists in the order of their rows."""

    title: str
    year: int | None
    ids: list[External] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


Model = dict[int, Media]
LISTS = ("ids", "paths", "tags", "people")


@dataclass
class Given:
    """A random item; a list that is None is not given."""

    title: str
    year: int | None
    ids: list[External] | None
    paths: list[str] | None
    tags: list[str] | None
    people: list[str] | None

    def item(self, place: int) -> Item:
        lists: dict[str, Any] = {}
        if self.ids is not None:
            lists["external_ids"] = [{"source": source, "value": value} for source, value in self.ids]
        if self.paths is not None:
            lists["files"] = [{"path": path, "size": 1, "modified_at": WHEN} for path in self.paths]
        if self.tags is not None:
            lists["tags"] = self.tags
        if self.people is not None:
            lists["credits"] = [{"person_id": person, "role": "ACTOR"} for person in self.people]
        return item(place, self.title, year=self.year, **lists)


def some(random: Random, values: Sequence[Any], most: int) -> list[Any] | None:
    return None if random.random() < 0.3 else random.sample(values, random.randint(0, most))


def given(random: Random) -> Given:
    ids = [(source, str(number)) for source in ("imdb", "tmdb") for number in range(5)]
    return Given(
        random.choice(TITLES),
        random.choice([None, 1999]),
        some(random, ids, 2),
        some(random, [f"/{number}" for number in range(6)], 2),
        some(random, NAMES, 3),
        some(random, ["Ann", "Bob", "ANN", "Cid"], 3),
    )


def contradict(some: Sequence[External], others: Sequence[External]) -> bool:
    sources = {source for source, _ in some} & {source for source, _ in others}
    return any(not {one for one in some if one[0] == s} & set(others) for s in sources)


def names(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip().lower() for value in values))


def find(model: Model, one: Given) -> tuple[int | None, str | None]:
    """Which media it is, or the code with which it fails."""
    keys = {*(one.ids or ()), *(one.paths or ())}
    owners = {number for number, media in model.items() if keys & {*media.ids, *media.paths}}
    if len(owners) > 1:
        return None, "AMBIGUOUS"
    if owners:
        return owners.pop(), None
    titled = [
        number
        for number, media in model.items()
        if (media.title, media.year) == (one.title, one.year) and not contradict(one.ids or (), media.ids)
    ]
    return (None, "AMBIGUOUS") if len(titled) > 1 else (titled[0] if titled else None, None)


def is_same(one: Given, found: int | None, other: Given, other_found: int | None) -> bool:
    """Whether two items of a call mean one media."""
    shared = {*(one.ids or ()), *(one.paths or ())} & {*(other.ids or ()), *(other.paths or ())}
    if shared or (found is not None and found == other_found):
        return True
    alike = found is None and other_found is None and (one.title, one.year) == (other.title, other.year)
    return alike and not contradict(one.ids or (), other.ids or ())


def apply(media: Media, one: Given, mode: OnConflict) -> set[str]:
    """Gives a media what an item gives; the fields that change."""
    changed = set()
    for name in ("title", "year"):
        if getattr(media, name) != getattr(one, name):
            changed.add(name)
            setattr(media, name, getattr(one, name))
    for name, told in zip(LISTS, ("externalIds", "files", "tags", "credits"), strict=True):
        wanted = getattr(one, name)
        if wanted is None:
            continue
        wanted = names(wanted) if name in ("tags", "people") else list(wanted)
        before = getattr(media, name)
        after = wanted if mode is OnConflict.REPLACE else [*before, *(new for new in wanted if new not in before)]
        is_ordered = name == "people"
        if after != before if is_ordered else set(after) != set(before):
            changed.add(told)
        setattr(media, name, after)
    return changed


def expected(model: Model, items: list[Given], mode: OnConflict) -> list[tuple[str, int | None, Any]]:
    """What the model says becomes of the items: status or code, media, fields."""
    found = [find(model, one) for one in items]
    results: list[tuple[str, int | None, Any]] = []
    done: list[int] = []
    for place, one in enumerate(items):
        media, code = found[place]
        if code is None and any(is_same(one, media, items[other], found[other][0]) for other in done):
            code = "DUPLICATE"
        if code is not None:
            results.append((code, None, set()))
            continue
        done.append(place)
        if media is None:
            results.append(("CREATED", None, set()))
        elif mode is OnConflict.SKIP:
            results.append(("UNCHANGED", media, set()))
        else:
            fields = apply(model[media], one, mode)
            results.append(("UPDATED" if fields else "UNCHANGED", media, fields))
    return results


STORED = {
    "ids": "SELECT media_id, source || ':' || value FROM external_id",
    "paths": "SELECT media_id, path FROM media_file",
    "tags": "SELECT m.media_id, t.folded_name FROM media_tag m JOIN tag t ON t.id = m.tag_id",
    "people": "SELECT c.media_id, p.folded_name FROM credit c JOIN person p ON p.id = c.person_id"
    " ORDER BY c.media_id, c.position",
}


async def check_tables(connection: Any, model: Model) -> None:
    """That the tables have what the model has."""
    rows = {row[0]: (row[1], row[2]) for row in await connection.fetch("SELECT id, title, year FROM media")}
    assert rows == {number: (media.title, media.year) for number, media in model.items()}
    for name, text in STORED.items():
        found: dict[int, list[str]] = {number: [] for number in model}
        for number, value in await connection.fetch(text):
            found[number].append(value)
        values = {
            number: [":".join(one) if name == "ids" else one for one in getattr(media, name)]
            for number, media in model.items()
        }
        if name != "people":
            found, values = [{key: sorted(value) for key, value in one.items()} for one in (found, values)]
        assert (name, found) == (name, values)


@pytest.mark.parametrize("seed", range(4))
async def test_random_items_come_to_what_a_model_says(api: Api, connection: Any, seed: int) -> None:
    await add_library(connection)
    random = Random(seed)
    model: Model = {}
    for _ in range(ROUNDS):
        mode = random.choice(list(OnConflict))
        items = [given(random) for _ in range(random.randint(1, ITEMS))]
        wanted = expected(model, items, mode)
        results = await upsert(api, [one.item(place) for place, one in enumerate(items)], on_conflict=mode)
        for place, (one, (status, media, fields)) in enumerate(zip(results, wanted, strict=True)):
            assert one.place == place
            assert (one.code or one.status.value) == status, (place, one, items)
            assert set(one.fields) == fields, (one, items)
            if one.status is Status.CREATED:
                assert one.media is not None
                model[one.media] = Media(items[place].title, items[place].year)
                apply(model[one.media], items[place], OnConflict.REPLACE)
            elif one.status is not Status.FAILED:
                assert one.media == media
        await check_tables(connection, model)
    await assert_no_drift(connection)


async def test_what_was_sent_once_more_is_unchanged_whatever_it_was(api: Api, connection: Any) -> None:
    await add_library(connection)
    random = Random(7)
    for _ in range(10):
        items = [one.item(place) for place, one in enumerate(given(random) for _ in range(ITEMS))]
        first = await upsert(api, items)
        good = [one for one, result in zip(items, first, strict=True) if result.status is not Status.FAILED]
        before = await all_rows(connection)
        again = await upsert(api, good)
        # One that was found by its title may by now be another's title too, if that was given the same in this call.
        assert {one.code or one.status for one in again} <= {Status.UNCHANGED, "AMBIGUOUS"}
        assert await all_rows(connection) == before
