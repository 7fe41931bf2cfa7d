"""What libraries over HTTP share: how they are declared, asked, and guessed from a URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from sources.http_client import ApiRecord, HttpClient, api_key, base_address, opened_client
from sources.media_json import UnfitItem, item_of_json
from sources.source import Known, Reading, Unreadable, nothing_known
from sources.warnings import Warnings


@dataclass(frozen=True, slots=True)
class HttpKind:
    """A kind of library. name: for people; key_name: the variable of the environment for its key; header: what the key
    is sent in, key_format how; port: where it usually listens."""

    name: str
    key_name: str
    header: str
    port: int
    key_format: str = "{}"

    def headers(self) -> dict[str, str]:
        key = api_key(self.key_name)
        return {self.header: self.key_format.format(key)} if key else {}

    def client(self, base: str) -> Any:
        return opened_client(base, self.name, [self.key_name], self.headers())


class HttpSource:
    """A library of a kind; `readings` asks it."""

    kind: HttpKind
    total: int | None = None

    def __init__(self, location: str) -> None:
        self.base = base_address(location)
        self.noticed = Warnings()

    @property
    def warnings(self) -> Sequence[str]:
        return list(self.noticed.found)

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        async with self.kind.client(self.base) as client:
            async for one in self.readings(client, position):
                yield one

    def readings(self, client: HttpClient, position: str) -> AsyncIterator[Reading]:
        raise NotImplementedError

    async def has(self, key: str) -> bool | None:
        return None

    def reading(self, record: ApiRecord, where: str, position: str, make: Callable[[Any], dict[str, Any]]) -> Reading:
        """The item of a record, by the JSON of a media that is made of it."""
        if record.value is None:
            return Unreadable(where, record.reason or "An object is needed here.", record.raw, position)
        try:
            if not isinstance(record.value, dict):
                raise UnfitItem([], "An object is needed here.")
            return replace(item_of_json(make(record.value), self.noticed), position=position)
        except (UnfitItem, ValueError, TypeError, AttributeError, KeyError) as error:
            told = isinstance(error, UnfitItem | ValueError)
            return Unreadable(where, str(error) if told else "It has not the fields that it should.", "", position)


def guess_port(kind: HttpKind) -> Callable[[str], float]:
    """Guesses by the usual port, or the name of the host or path; any URL may be it."""

    def guess(location: str) -> float:
        if not location.startswith(("http://", "https://")):
            return 0
        try:
            is_usual = urlsplit(location).port == kind.port
        except ValueError:
            return 0
        return 0.9 if is_usual or kind.name.lower() in location.lower() else 0.3

    return guess


def ask_for(kind: HttpKind, path: str, fits: Callable[[Any], bool]) -> Callable[[str, Mapping[str, str]], Any]:
    """Asks a server for something small that tells what it is. SourceError where it does not tell."""

    async def ask(location: str, options: Mapping[str, str]) -> bool:
        async with kind.client(base_address(location)) as client:
            client.tries = 1
            return fits(await client.value(path))

    return ask


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of what should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """The texts of what should be a list of them, each once."""
    found = [one.strip() for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return list(dict.fromkeys(filter(None, found)))


def time_if_known(value: Any) -> Any:
    """A time; year 1 stands for none."""
    return None if str(value).startswith("0001-") else value


def known(**fields: Any) -> dict[str, Any]:
    """The fields that are known: neither None nor an empty text."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
