"""Calls of the metadata service by their names, as the cache has them: `movie/603`, `tv/1396/season/2`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from domain.enums import MediaKind
from domain.errors import Code
from providers.errors import ProviderError
from providers.metadata.service import MetadataService

Ask = Callable[[MetadataService, list[int]], Awaitable[object]]

FORMS: list[tuple[re.Pattern[str], Ask]] = [
    (re.compile(r"configuration"), lambda service, ids: service.images()),
    (re.compile(r"movie/([0-9]{1,15})"), lambda service, ids: service.title(MediaKind.MOVIE, *ids)),
    (re.compile(r"tv/([0-9]{1,15})"), lambda service, ids: service.title(MediaKind.SERIES, *ids)),
    (re.compile(r"tv/([0-9]{1,15})/season/([0-9]{1,4})"), lambda service, ids: service.season(*ids)),
]


def check_call(call: str) -> None:
    """BAD_ARGUMENT for what is no such name."""
    find_form(call)


async def warm_call(service: MetadataService, call: str) -> bool:
    """Asks for it, unless it is kept, so that it is kept; whether there is anything. ProviderError."""
    ask, ids = find_form(call)
    return await ask(service, ids) is not None


def find_form(call: str) -> tuple[Ask, list[int]]:
    for form, ask in FORMS:
        if (found := form.fullmatch(call)) is not None:
            return ask, [int(id) for id in found.groups()]
    raise ProviderError(
        Code.BAD_ARGUMENT,
        f"{call[:100]!r} is no call of the metadata service: configuration, movie/603, tv/1396 and"
        " tv/1396/season/2 are.",
        was_sent=False,
    )
