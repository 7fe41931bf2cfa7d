"""A small catalogue full of ties and NULLs, in the database and in plain Python: what pages and filters must equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from loaders.text import fold, sort_title
from tests.factories import add_credit, add_library, add_media, add_name, add_person, mark

T = TypeVar("T")
Keys = list[tuple[Callable[[Any], Any], bool]]  # value of a row and whether it descends

START = datetime(2024, 1, 1, tzinfo=UTC)
# Private use sorts below astral characters by code point, above them in UTF-16.
WORDS = ("The", "a", "An", "Élan", "élan", "100%", "snake_case", "back\\slash", "😀", "\ue000", "zebra", "Æon", "mad")
NAMES = ("Noir", "noir 2", "Ärger", "argerlich", "Z", "%", "_under", "back\\", "😀 smile", "😀", "\ue000", "mm", "MMM")
KINDS = ("MOVIE", "SERIES", "CLIP")
ROLES = ("ACTOR", "DIRECTOR", "WRITER")


@dataclass
class PlainMedia:
    """A media as the tests know it; `tags`, `genres`, `people`: numbers."""

    id: int
    library: int
    title: str
    kind: str = "MOVIE"
    year: int | None = None
    rating_tenths: int | None = None
    added_at: datetime = START
    tags: set[int] = field(default_factory=set)
    genres: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)


@dataclass
class PlainCredit:
    """A credit as the tests know it."""

    id: int
    media: PlainMedia
    person: int
    role: str
    position: int


@dataclass
class PlainName:
    """A tag, genre, person or library as the tests know it."""

    id: int
    name: str
    alias: str | None = None


@dataclass
class Catalogue:
    """Everything that is in the database."""

    media: list[PlainMedia] = field(default_factory=list)
    credits: list[PlainCredit] = field(default_factory=list)
    names: dict[str, list[PlainName]] = field(default_factory=dict)  # by noun

    def media_of(self, noun: str, number: int) -> list[PlainMedia]:
        """The media of a library, tag, genre or person."""
        if noun == "library":
            return [one for one in self.media if one.library == number]
        sets = {"tag": "tags", "genre": "genres", "person": "people"}
        return [one for one in self.media if number in getattr(one, sets[noun])]

    def numbers(self, noun: str, given: Iterable[dict[str, str]]) -> set[int]:
        """The tags or genres that a list of NameOrId names."""
        known = {fold(text): name.id for name in self.names[noun] for text in (name.name, name.alias) if text}
        return {int(one["id"].split("_")[1]) if "id" in one else known.get(fold(one["name"]), 0) for one in given}


MEDIA_KEYS: dict[str, Callable[[PlainMedia], Any]] = {
    "TITLE": lambda media: sort_title(media.title),
    "YEAR": lambda media: media.year,
    "RATING": lambda media: media.rating_tenths,
    "ADDED_AT": lambda media: media.added_at,
}


def ordered(rows: Iterable[T], keys: Keys) -> list[T]:
    """The rows in an order: NULLs last whichever way a key goes, the id last of all with the last key's direction."""
    found = sorted(rows, key=lambda row: row.id, reverse=bool(keys) and keys[-1][1])  # type: ignore[attr-defined]
    for value, descending in reversed(keys):
        present = sorted((row for row in found if value(row) is not None), key=value, reverse=descending)
        found = present + [row for row in found if value(row) is None]
    return found


async def add_plain_media(connection: Any, random: Random, catalogue: Catalogue) -> PlainMedia:
    """One more media with few different values, so that many are equal."""
    libraries = [library.id for library in catalogue.names["library"]]
    columns: dict[str, Any] = {
        "kind": random.choice(KINDS),
        "year": random.choice([None, 1999, 2000, 2001, -5]),
        "rating_tenths": random.choice([None, 0, 55, 73, 100]),
        "added_at": START + timedelta(microseconds=random.choice([0, 1, 2, 999_999])),
    }
    library, title = random.choice(libraries), " ".join(random.choices(WORDS, k=random.randint(1, 2)))
    media = PlainMedia(await add_media(connection, library, title, **columns), library, title, **columns)
    for noun, numbers, most in (("tag", media.tags, 5), ("genre", media.genres, 3)):
        numbers.update(random.sample([name.id for name in catalogue.names[noun]], random.randint(0, most)))
        await mark(connection, noun, media.id, *numbers)
    for person in random.sample([name.id for name in catalogue.names["person"]], random.randint(0, 4)):
        role, position = random.choice(ROLES), random.randint(0, 2)
        number = await add_credit(connection, media.id, person, role, position)
        catalogue.credits.append(PlainCredit(number, media, person, role, position))
        media.people.add(person)
    catalogue.media.append(media)
    return media


async def add_catalogue(connection: Any, seed: int = 1, size: int = 90) -> Catalogue:
    """Fills an empty database, always the same way for one seed; at most 100 media, so that one page can hold all."""
    random = Random(seed)
    catalogue = Catalogue()
    async with connection.transaction():
        libraries = [PlainName(await add_library(connection, name), name) for name in NAMES[:4]]
        people = [PlainName(await add_person(connection, name), name) for name in (*NAMES, *NAMES[:3])]
        catalogue.names = {"library": libraries, "person": people, "tag": [], "genre": []}
        for noun in ("tag", "genre"):
            for name in NAMES:
                alias = f"{name} alias"
                number = await add_name(connection, noun, name, alias)
                catalogue.names[noun].append(PlainName(number, name, alias))
        for _ in range(size):
            await add_plain_media(connection, random, catalogue)
    await connection.execute("ANALYZE")
    return catalogue
