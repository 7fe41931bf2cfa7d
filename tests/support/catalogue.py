"""A small catalogue full of ties and NULLs, in the database and in plain Python: what pages and filters must equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from domain.text import fold, sort_title
from tests.support.factories import (
    add_artwork,
    add_credit,
    add_external_id,
    add_library,
    add_media,
    add_name,
    add_person,
    mark,
)

T = TypeVar("T")
Keys = list[tuple[Callable[[Any], Any], bool]]  # value of a row and whether it descends

START = datetime(2024, 1, 1, tzinfo=UTC)
# Private use sorts below astral characters by code point, above them in UTF-16.
WORDS = ("The", "a", "An", "Élan", "élan", "100%", "snake_case", "back\\slash", "😀", "\ue000", "zebra", "Æon", "mad")
NAMES = ("Noir", "noir 2", "Ärger", "argerlich", "Z", "%", "_under", "back\\", "😀 smile", "😀", "\ue000", "mm", "MMM")
KINDS = ("MOVIE", "SERIES", "CLIP")
ROLES = ("ACTOR", "DIRECTOR", "WRITER")
CHARACTERS = (None, "Élan", "élan 2", "100%", "The a")
ORIGINALS = (None, "Élan Vital", "élan", "ZEBRA", "\ue000", "😀", "100%")
OVERVIEWS = (None, "", "A Robot.", "a robot and 100%", "back\\slash_ É")
SOURCES = ("imdb", "IMDB", "tmdb")
PICTURES = ("POSTER", "LOGO", "THUMBNAIL")
METADATA: tuple[dict[str, Any], ...] = (
    {},
    {"a": 1},
    {"a": 1.5, "b": True},
    {"a": {"b": 1.0, "c": [1, "x", {"d": None}]}},
    {"a": [1, "x"]},
    {"a": None},
    {"a.b": "x"},
    {"a": {"b": "1"}},
    {"é\"'\\": {"": 10**18}},
)


@dataclass
class PlainMedia:
    """A media as the tests know it; `tags`, `genres`, `people`: numbers; `ids`: source and value; `artwork`: type and
    width."""

    id: int
    library: int
    title: str
    kind: str = "MOVIE"
    year: int | None = None
    rating_tenths: int | None = None
    added_at: datetime = START
    updated_at: datetime = START
    original_title: str | None = None
    overview: str | None = None
    runtime_minutes: int | None = None
    season_number: int | None = None
    episode_number: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)
    genres: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    ids: list[tuple[str, str]] = field(default_factory=list)
    artwork: list[tuple[str, int | None]] = field(default_factory=list)


@dataclass
class PlainCredit:
    """A credit as the tests know it."""

    id: int
    media: PlainMedia
    person: int
    role: str
    position: int
    character: str | None = None


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


MEDIA_KEYS: dict[str, Callable[[PlainMedia], Any]] = {
    "TITLE": lambda media: sort_title(media.title),
    "YEAR": lambda media: media.year,
    "RATING": lambda media: media.rating_tenths,
    "ADDED_AT": lambda media: media.added_at,
    "ID": lambda media: media.id,
    "KIND": lambda media: media.kind,
    "RUNTIME": lambda media: media.runtime_minutes,
    "UPDATED_AT": lambda media: media.updated_at,
    "ORIGINAL_TITLE": lambda media: media.original_title and fold(media.original_title),
    "SEASON": lambda media: media.season_number,
    "EPISODE": lambda media: media.episode_number,
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
        "updated_at": START + timedelta(microseconds=random.choice([0, 1, 3600 * 10**6])),
        "original_title": random.choice(ORIGINALS),
        "overview": random.choice(OVERVIEWS),
        "runtime_minutes": random.choice([None, 0, 90, 91]),
        "season_number": random.choice([None, 1, 2]),
        "episode_number": random.choice([None, 1, 2, 3]),
        "metadata": random.choice(METADATA),
    }
    library, title = random.choice(libraries), " ".join(random.choices(WORDS, k=random.randint(1, 2)))
    media = PlainMedia(await add_media(connection, library, title, **columns), library, title, **columns)
    for noun, numbers, most in (("tag", media.tags, 5), ("genre", media.genres, 3)):
        numbers.update(random.sample([name.id for name in catalogue.names[noun]], random.randint(0, most)))
        await mark(connection, noun, media.id, *numbers)
    for person in random.sample([name.id for name in catalogue.names["person"]], random.randint(0, 4)):
        values = random.choice(ROLES), random.randint(0, 2), random.choice(CHARACTERS)
        number = await add_credit(connection, media.id, person, *values)
        catalogue.credits.append(PlainCredit(number, media, person, *values))
        media.people.add(person)
    for source in random.sample(SOURCES, random.randint(0, 2)):
        media.ids.append((source, f"{random.choice(['tt', 'TT'])}{media.id}"))
        await add_external_id(connection, media.id, *media.ids[-1])
    for type_ in random.choices(PICTURES, k=random.randint(0, 2)):
        media.artwork.append((type_, random.choice([None, 100, 200])))
        await add_artwork(connection, media.id, type_, width=media.artwork[-1][1])
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
