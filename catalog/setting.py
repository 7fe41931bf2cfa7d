"""Settings changed."""

from __future__ import annotations

from typing import Any

from catalog.edit import check_storable
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from domain.settings import Scope, SettingKey, checked_value, known

# Whether a library is there (one that is not asked for counts as there), and the channel that is meant.
PLACES = """
SELECT $1::bigint IS NULL OR EXISTS (
           SELECT FROM library WHERE id = $1::bigint AND ($3::bigint[] IS NULL OR id = any($3::bigint[]))
       ),
       (SELECT id FROM channel WHERE id = current_channel_id($2::bigint))
"""

PUT = """
INSERT INTO setting (key, library_id, channel_id, value) VALUES ($1::text, $2::bigint, $3::bigint, $4::jsonb)
ON CONFLICT ON CONSTRAINT setting_key DO UPDATE SET value = excluded.value, updated_at = now()
"""

DELETE_SETTINGS = """
DELETE FROM setting
WHERE key = $1::text AND library_id IS NOT DISTINCT FROM $2::bigint AND channel_id IS NOT DISTINCT FROM $3::bigint
"""


def scope_of(key: SettingKey) -> Scope:
    """Where a value is to be set; BAD_ARGUMENT for a library and a channel at once."""
    if key.library_id is not None and key.channel_id is not None:
        raise CatalogError(Code.BAD_ARGUMENT, "Set a value for a library or for a channel, not for both.")
    if key.library_id is not None:
        return Scope.LIBRARY
    return Scope.GLOBAL if key.channel_id is None else Scope.CHANNEL


async def set_setting(writer: Writer, key: SettingKey, value: Any) -> SettingKey:
    """Sets a value; None takes it away, so that the wider one holds again. BAD_ARGUMENT, NOT_FOUND.

    Gives where: a channel that was merged stands for what it became."""
    scope = scope_of(key)
    if value is None:
        known(key.name)
    else:
        check_storable(value)
        value = checked_value(key.name, value, scope)
    [[library, channel]] = await writer.fetch(PLACES, key.library_id, key.channel_id, writer.libraries)
    if not library or (channel is None and key.channel_id is not None):
        raise CatalogError(Code.NOT_FOUND, f"There is no such {'channel' if library else 'library'}.")
    meant = key._replace(channel_id=channel)
    if value is None:
        await writer.fetch(DELETE_SETTINGS, *meant)
    else:
        await writer.fetch(PUT, *meant, value)
    return meant
