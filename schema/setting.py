"""Settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

import catalog.setting
from domain.errors import CatalogError, Code
from engine.relation import Declaration, Load, declared, lookup
from loaders.registry import Loaders
from loaders.setting import KNOWN, Known, Scope, SettingKey, SettingRow, Type, known
from schema.core.enums import describe
from schema.core.node import decode_id, row_type
from schema.core.paging import argument
from schema.core.scalars import JSON
from schema.edit.outcome import run_edit

describe(
    Type,
    "The type of a setting's value.",
    INT="A whole number.",
    FLOAT="A number.",
    BOOLEAN="true or false.",
    STRINGS="A list of texts.",
    name="SettingType",
)

describe(
    Scope,
    "Where a value was set; the narrowest scope applies.",
    CHANNEL="For the channel.",
    LIBRARY="For the library.",
    GLOBAL="For everything.",
    DEFAULT="No value is set: the default applies.",
    name="SettingScope",
)


def known_field(description: str, read: Callable[[Known], Any]) -> Any:
    """A field that is the same for a setting wherever it was set."""
    return strawberry.field(resolver=lambda self: read(KNOWN[self.key]), description=description)


@row_type(
    SettingRow, description="Something that the service can be told while it runs, as it holds where it was asked."
)
class Setting:
    key: str = strawberry.field(description="Its name.")
    value: JSON = strawberry.field(description="Its value.")
    scope: Scope = strawberry.field(description="Where its value comes from.")
    updated_at: datetime | None = strawberry.field(description="When its value was set; null for a default.")
    description: str = known_field("What it is for.", lambda setting: setting.description)
    type: Type = known_field("What its values are.", lambda setting: setting.type)
    default: JSON = known_field("Its value where none was set.", lambda setting: setting.default)


def read_key(name: str, library: str | None, channel: str | None) -> SettingKey:
    """BAD_ID for an id that is not a library's or a channel's."""
    return SettingKey(
        name,
        None if library is None else decode_id(library, "library"),
        None if channel is None else decode_id(channel, "channel"),
    )


def load_settings(context: Any, library: str | None, channel: str | None) -> list[Load | Exception]:
    """The look-ups of `settings`: one a known setting."""
    return [Load(Loaders.setting_by_key, read_key(name, library, channel)) for name in KNOWN]


def load_setting(context: Any, key: str, library: str | None, channel: str | None) -> Load:
    """The look-up of `setting`; BAD_ARGUMENT for one that is not known."""
    known(key)
    return Load(Loaders.setting_by_key, read_key(key, library, channel))


PLACE = {
    "library": argument(
        strawberry.ID | None, "As it holds for this library; for one that you may not see, as for all."
    ),
    "channel": argument(strawberry.ID | None, "As it holds for this channel."),
}


@strawberry.type
class SettingQuery:
    """Root fields of settings."""

    settings: list[Setting] | None = lookup(
        load_settings,
        parameters=PLACE,
        bound=len(KNOWN),
        description="All settings by name, as they hold: a channel's value before a library's before that for all.",
    )
    setting: Setting | None = lookup(
        load_setting,
        parameters={"key": argument(str, "Its name."), **PLACE},
        description="A setting by its name, as it holds.",
    )


@strawberry.type(description="A setting after its edit.")
class SettingPayload:
    wanted: strawberry.Private[SettingKey]
    setting: Setting | None = declared(
        Declaration("lookup", target=lambda payload, context, _: Load(Loaders.setting_by_key, payload.wanted)),
        {},
        "The setting as it holds now, where it was changed.",
    )


async def set_setting(
    self: Any,
    info: strawberry.Info[Any, Any],
    key: Annotated[str, strawberry.argument(description="Its name.")],
    value: Annotated[
        JSON | None,
        strawberry.argument(description="Its new value; null takes the value away: the wider one holds again."),
    ] = UNSET,
    library: Annotated[strawberry.ID | None, strawberry.argument(description="For this library alone.")] = None,
    channel: Annotated[strawberry.ID | None, strawberry.argument(description="For this channel alone.")] = None,
) -> SettingPayload | None:
    if value is UNSET:  # not to be taken for null, which takes something away
        raise CatalogError(Code.BAD_ARGUMENT, "Give a value, or null to take it away.")
    wanted = read_key(key, library, channel)
    cache = info.context.loaders.reader.setting_cache
    try:
        await run_edit(info, "set_setting", [key], lambda writer: catalog.setting.set_setting(writer, wanted, value))
    finally:
        if cache is not None:
            await cache.forget()
    return SettingPayload(wanted=wanted)


@strawberry.type
class SettingMutation:
    """Edits of settings."""

    set_setting: SettingPayload | None = strawberry.mutation(
        resolver=set_setting,
        description="Sets a value for all, for a library or for a channel. Other processes see it milliseconds later,"
        " or within a second where they cannot be told, as behind a pooler in transaction mode.",
    )
