"""Settings of the running service: global, of a library or of a channel.

Which there are stands in domain/settings.py; the database has what was set. All that was set is read by one
statement and kept by the service (loaders/core/setting_cache.py), so that the next request reads nothing."""

from __future__ import annotations

from datetime import datetime  # noqa: F401  # named in a Column
from functools import partial
from typing import Any, TypeAlias

from database.row import Column, Row
from domain.settings import KNOWN, Scope, SettingKey
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.batch_loader import LoaderGroup, One
from loaders.core.read_session import ReadSession
from loaders.sql.statement import BatchStatement


class SettingRow(Row):
    """Of table setting; of a default, the same without a time. merged_channel_ids: of those that became its channel."""

    key = Column[str]()
    library_id = Column["int | None"]()
    channel_id = Column["int | None"]()
    merged_channel_ids = Column[list[int]](
        "ARRAY(SELECT r.id FROM channel_redirect r WHERE r.channel_id = {t}.channel_id)"
    )
    value = Column[Any]()
    scope = Column[str](
        "CASE WHEN {t}.channel_id IS NOT NULL THEN 'CHANNEL' WHEN {t}.library_id IS NOT NULL THEN 'LIBRARY'"
        " ELSE 'GLOBAL' END"
    )
    updated_at = Column["datetime | None"]()


# By name, library and channel.
Stored: TypeAlias = dict[tuple[str, int | None, int | None], SettingRow]

# The stored values of the known settings.
SETTING_BY_KEY = BatchStatement(
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
        merged_channel_ids=[],
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

    With a cache, a change by another process is seen once its notification has arrived; that a channel was merged into
    one whose settings stay as they are, once what is kept has become old."""

    async def batch(self, reader: ReadSession, keys: list[SettingKey], arguments: None) -> list[SettingRow | None]:
        read = partial(self._stored, reader)
        stored = await (read() if reader.setting_cache is None else reader.setting_cache.get(read))
        return [effective(stored, key, reader.viewer) for key in keys]

    async def _stored(self, reader: ReadSession) -> Stored:
        """All stored values with all columns, whatever the viewer and the operation: the cache serves others too."""
        whole = ReadSession(reader.database, UNRESTRICTED, columns=ALL_COLUMNS)
        rows = await reader.fetch(*self.statement.compose(self.name, whole, list(KNOWN)))
        return {
            (row.key, row.library_id, channel): row
            for row in rows
            for channel in (row.channel_id, *row.merged_channel_ids)
        }


class SettingLoaders(LoaderGroup):
    """Loaders of settings."""

    setting_by_key = Settings(SETTING_BY_KEY)
