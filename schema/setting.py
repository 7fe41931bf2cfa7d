"""Settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

import catalog.setting
from domain.errors import CatalogError, Code
from domain.settings import KNOWN, Known, Scope, SettingKey, Type, known
from engine.relation import Declaration, Load, declared, lookup
from loaders.registry import Loaders
from loaders.setting import SettingRow
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
    """A field that does not depend on the scope of a setting."""
    return strawberry.field(resolver=lambda self: read(KNOWN[self.key]), description=description)


@row_type(
    SettingRow, description="A setting of the running service, with the value that applies in the requested scope."
)
class Setting:
    key: str = strawberry.field(description="Its name.")
    value: JSON = strawberry.field(description="Its value.")
    scope: Scope = strawberry.field(description="Where its value comes from.")
    updated_at: datetime | None = strawberry.field(description="When its value was set; null for a default.")
    description: str = known_field("What it is for.", lambda setting: setting.description)
    type: Type = known_field("The type of its values.", lambda setting: setting.type)
    default: JSON = known_field("Its value if none is set.", lambda setting: setting.default)


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
        strawberry.ID | None, "The library whose value applies; one that is not visible has no value of its own."
    ),
    "channel": argument(strawberry.ID | None, "The channel whose value applies."),
}


@strawberry.type
class SettingQuery:
    """Root fields of settings."""

    settings: list[Setting] | None = lookup(
        load_settings,
        parameters=PLACE,
        bound=len(KNOWN),
        description="All settings by name, with the value that applies: the channel's, library's or global one.",
    )
    setting: Setting | None = lookup(
        load_setting,
        parameters={"key": argument(str, "Its name."), **PLACE},
        description="A setting by its name, with the value that applies.",
    )


@strawberry.type(description="A setting after its edit.")
class SettingPayload:
    wanted: strawberry.Private[SettingKey]
    setting: Setting | None = declared(
        Declaration("lookup", target=lambda payload, context, _: Load(Loaders.setting_by_key, payload.wanted)),
        {},
        "The setting with the value that applies now in the scope that was changed.",
    )


async def set_setting(
    self: Any,
    info: strawberry.Info[Any, Any],
    key: Annotated[str, strawberry.argument(description="Its name.")],
    value: Annotated[
        JSON | None,
        strawberry.argument(
            description="Its new value; null removes the value, so that the one of the wider scope applies again."
        ),
    ] = UNSET,
    library: Annotated[strawberry.ID | None, strawberry.argument(description="Only for this library.")] = None,
    channel: Annotated[strawberry.ID | None, strawberry.argument(description="Only for this channel.")] = None,
) -> SettingPayload | None:
    if value is UNSET:  # not to be confused with null, which removes the value
        raise CatalogError(Code.BAD_ARGUMENT, "Give a value, or null to remove it.")
    wanted = read_key(key, library, channel)
    cache = info.context.loaders.reader.setting_cache
    try:
        meant = await run_edit(
            info, "set_setting", [key], lambda writer: catalog.setting.set_setting(writer, wanted, value)
        )
    finally:
        if cache is not None:
            await cache.invalidate()
    return SettingPayload(wanted=meant)


@strawberry.type
class SettingMutation:
    """Edits of settings."""

    set_setting: SettingPayload | None = strawberry.mutation(
        resolver=set_setting,
        description="Sets a value for everything, for a library or for a channel. Other processes see it milliseconds"
        " later, or within a second if notifications do not reach them, as behind a pooler in transaction mode.",
    )
