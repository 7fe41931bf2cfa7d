"""Settings of the running service: global, of a library or of a channel.

The known ones stand here with their types and defaults; the database has what was set. All that was set is read by one
statement and kept by the service (loaders/core/setting_cache.py), so that the next request reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: F401  # named in a Column
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from database.row import Column, Row
from domain.bounds import INTEGER
from domain.errors import CatalogError, Code
from domain.text import storable
from domain.viewer import EVERYTHING, Viewer
from loaders.core.batch_loader import LoaderGroup, One
from loaders.core.read_session import Reader
from loaders.sql.statement import Batch

MOST_TEXTS = 100
LONGEST_TEXT = 200


class Type(StrEnum):
    """What a setting's value is, in JSON."""

    INT = "INT"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    STRINGS = "STRINGS"


class Scope(StrEnum):
    """Where a value was set; DEFAULT: it was not set."""

    CHANNEL = "CHANNEL"
    LIBRARY = "LIBRARY"
    GLOBAL = "GLOBAL"
    DEFAULT = "DEFAULT"


EVERY_SCOPE = (Scope.GLOBAL, Scope.LIBRARY, Scope.CHANNEL)
WORDS = {
    Type.INT: "a whole number",
    Type.FLOAT: "a number",
    Type.BOOLEAN: "true or false",
    Type.STRINGS: f"a list of at most {MOST_TEXTS} texts of 1 to {LONGEST_TEXT} characters",
}


@dataclass(frozen=True, slots=True)
class Known:
    """The declaration of a setting. `least` and `most` bound numbers, `choices` the texts of a list."""

    type: Type
    default: Any
    scopes: tuple[Scope, ...]
    description: str
    least: float = 0
    most: float = INTEGER.most
    choices: tuple[str, ...] = ()


ARTWORK_TYPES = ("POSTER", "BACKDROP", "THUMBNAIL", "LOGO")

KNOWN: dict[str, Known] = {
    "artwork.types": Known(
        Type.STRINGS, ["POSTER", "BACKDROP"], EVERY_SCOPE, "Types of pictures that are fetched.", choices=ARTWORK_TYPES
    ),
    "clips.batch_size": Known(
        Type.INT, 10, (Scope.GLOBAL, Scope.CHANNEL), "Clips that a worker takes at once.", least=1, most=1000
    ),
    "import.skip_hidden_files": Known(
        Type.BOOLEAN, True, (Scope.GLOBAL, Scope.LIBRARY), "Whether files are passed over whose names start with a dot."
    ),
    "jobs.kept_days": Known(Type.INT, 7, (Scope.GLOBAL,), "Days for which finished jobs are kept.", most=3650),
    "retag.after_days": Known(
        Type.INT, 30, EVERY_SCOPE, "Days after which a media is due for the tagger again.", least=1, most=3650
    ),
    "subtitles.languages": Known(
        Type.STRINGS, ["en"], EVERY_SCOPE, "Languages in which subtitles are looked for, the first one first."
    ),
    "tagger.rate_per_second": Known(
        Type.FLOAT, 2.0, (Scope.GLOBAL,), "Calls of the tagger in a second, by all workers together.", 0.01, 1000
    ),
    "thumbnails.frames": Known(Type.INT, 1, EVERY_SCOPE, "Pictures that are taken of a clip.", least=1, most=20),
}


def known(key: str) -> Known:
    """The setting of this name; BAD_ARGUMENT for any other."""
    if key not in KNOWN:
        raise CatalogError(Code.BAD_ARGUMENT, f"There is no setting of this name: the names are {', '.join(KNOWN)}.")
    return KNOWN[key]


def check_value(key: str, value: Any, scope: Scope = Scope.GLOBAL) -> None:
    """BAD_ARGUMENT unless this setting can have this value, as JSON gives it, in this scope."""
    setting = known(key)
    if scope not in setting.scopes:
        told = ", ".join(one.value for one in setting.scopes)
        raise CatalogError(Code.BAD_ARGUMENT, f"{key} cannot be set in the scope {scope.value}, only in: {told}.")
    if not fits(setting, value):
        raise CatalogError(Code.BAD_ARGUMENT, f"{key} is {WORDS[setting.type]}{limits(setting)}.")


def fits(setting: Known, value: Any) -> bool:
    """Whether a value is of the setting's type and within its bounds."""
    if setting.type is Type.BOOLEAN:
        return isinstance(value, bool)
    if setting.type is Type.STRINGS:
        return isinstance(value, list) and len(value) <= MOST_TEXTS and all(map(partial(fits_text, setting), value))
    number = isinstance(value, int if setting.type is Type.INT else int | float) and not isinstance(value, bool)
    return number and setting.least <= value <= setting.most


def fits_text(setting: Known, text: Any) -> bool:
    """Whether a text is allowed in the setting's list."""
    plain = isinstance(text, str) and 1 <= len(text) <= LONGEST_TEXT and storable(text)
    return plain and (not setting.choices or text in setting.choices)


def limits(setting: Known) -> str:
    """The bounds of a setting in words."""
    if setting.type in (Type.INT, Type.FLOAT):
        return f" from {setting.least:g} to {setting.most:g}" if setting.most < INTEGER.most else ""
    return f", each one of {', '.join(setting.choices)}" if setting.choices else ""


class SettingRow(Row):
    """Of table setting; of a default, the same without a time."""

    key = Column[str]()
    library_id = Column["int | None"]()
    channel_id = Column["int | None"]()
    value = Column[Any]()
    scope = Column[str](
        "CASE WHEN {t}.channel_id IS NOT NULL THEN 'CHANNEL' WHEN {t}.library_id IS NOT NULL THEN 'LIBRARY'"
        " ELSE 'GLOBAL' END"
    )
    updated_at = Column["datetime | None"]()


class SettingKey(NamedTuple):
    """A setting for a library, a channel, both or neither."""

    name: str
    library_id: int | None = None
    channel_id: int | None = None


# By name, library and channel.
Stored: TypeAlias = dict[tuple[str, int | None, int | None], SettingRow]

# The stored values of the known settings.
SETTING_BY_KEY = Batch(
    SettingRow,
    "SELECT s.key AS name, {columns:s} FROM setting s WHERE s.key = {keys}",
    key_type="text",
)
ALL_COLUMNS: dict[type[Row], frozenset[str]] = {SettingRow: SettingRow.wanted(SettingRow.columns)}


def default(name: str) -> Any:
    """The row of a setting for which no value is stored."""
    return SettingRow.item(
        key=name,
        library_id=None,
        channel_id=None,
        value=KNOWN[name].default,
        scope=Scope.DEFAULT.value,
        updated_at=None,
    )


def effective(stored: Stored, key: SettingKey, viewer: Viewer) -> Any:
    """The row that applies: a channel's before a library's before the global one. None: there is no such setting.

    The values of a library that is not visible to the viewer are ignored."""
    if key.name not in KNOWN:
        return None
    places: list[tuple[int | None, int | None]] = [(None, None)]
    if key.library_id is not None and (viewer.libraries is None or key.library_id in viewer.libraries):
        places.insert(0, (key.library_id, None))
    if key.channel_id is not None:
        places.insert(0, (None, key.channel_id))
    found = (stored.get((key.name, *place)) for place in places)
    return next((row for row in found if row is not None), None) or default(key.name)


class Settings(One[SettingKey, SettingRow]):
    """The loader of settings with the values that apply. All stored values are read at once, or come from the cache.

    With a cache, a change by another process is seen once its notification has arrived."""

    async def batch(self, reader: Reader, keys: list[SettingKey], arguments: None) -> list[SettingRow | None]:
        read = partial(self._stored, reader)
        stored = await (read() if reader.setting_cache is None else reader.setting_cache.get(read))
        return [effective(stored, key, reader.viewer) for key in keys]

    async def _stored(self, reader: Reader) -> Stored:
        """All stored values with all columns, whatever the viewer and the operation: the cache serves others too."""
        whole = Reader(reader.database, EVERYTHING, columns=ALL_COLUMNS)
        rows = await reader.fetch(*self.statement.compose(self.name, whole, list(KNOWN)))
        return {(row.key, row.library_id, row.channel_id): row for row in rows}


class SettingLoaders(LoaderGroup):
    """Loaders of settings."""

    setting_by_key = Settings(SETTING_BY_KEY)
