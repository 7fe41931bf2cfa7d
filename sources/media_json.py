"""A JSON object of a media, as an item of a source; its fields stand in sources/media_fields.py.

`key` (else `id`) tells it apart within the file, and `parent` names another media of the file by that, or any media by
one of its keys. `library` and `version` say nothing here: the import is told its library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.edit import check_json
from catalog.upsert.item import Item, Key, Season
from domain.bounds import INTEGER
from domain.errors import CatalogError
from domain.text import storable
from sources.keys import given_key, key_of_item
from sources.media_fields import LIST_FIELDS, OWN_FIELDS, ListFields, ReadValue
from sources.source import SourceItem
from sources.values import text_of, whole_of
from sources.warnings import Warnings

ABOUT_THE_ITEM = ("key", "id", "parent", "library", "version")


class UnfitItem(Exception):
    """An object is no media. The message says where in it and why."""

    def __init__(self, path: list[str], reason: str) -> None:
        super().__init__(f"{'.'.join(path)}: {reason}" if path else reason)


def item_of_json(value: Any, warnings: Warnings, defaults: Mapping[str, Any] | None = None) -> SourceItem:
    """The item of an object, without its position; UnfitItem. `defaults`: values by column where it gives none."""
    if not isinstance(value, dict):
        raise UnfitItem([], "An object is needed here.")
    path: list[str] = []
    try:
        values = {**(defaults or {}), **dict(own_values(value, path))}
        lists = dict(list_values(value, path, warnings))
        path[:] = ["parent"]
        parent, within = parent_of(value.get("parent"))
        path[:] = ["key"]
        key = given_key(value.get("key"), value.get("id"))
    except (ValueError, CatalogError) as error:
        raise UnfitItem(path, str(error)) from error
    for name in value.keys() - OWN_FIELDS.keys() - LIST_FIELDS.keys() - set(ABOUT_THE_ITEM):
        warnings.add(f"The field {name} is not known, and not read.")
    if key is None and not (values.get("title") or lists):
        raise UnfitItem([], "A media has a title.")
    item = Item(0, values=values, lists=lists, parent=parent, has_parent="parent" in value)
    return SourceItem(key or key_of_item(item, within), item, parent=within)


def own_values(value: Mapping[str, Any], path: list[str]) -> Iterator[tuple[str, Any]]:
    """Columns and values; `path` is left at the field that an error is about."""
    for name, (column, read) in OWN_FIELDS.items():
        if name in value:
            path[:] = [name]
            given = value[name]
            if name == "metadata" and given is not None:
                check_json(given)  # what is too deep could not even be compared
            yield column, None if given is None else read(given)


def list_values(value: Mapping[str, Any], path: list[str], warnings: Warnings) -> Iterator[tuple[str, Any]]:
    """Lists with their rows by column; `path` is left at the field that an error is about."""
    for name, of in LIST_FIELDS.items():
        if name not in value:
            continue
        path[:] = [name]
        given = value[name]
        if of.of.single:
            yield of.of.name, None if given is None else element_of_json(of, given, path, warnings)
            continue
        if not isinstance(given, list | None):
            raise ValueError("A list is needed here.")
        elements = []
        for place, one in enumerate(given or ()):
            path[1:] = [str(place)]
            elements.append(element_of_json(of, one, path, warnings))
        yield of.of.name, elements


def element_of_json(of: ListFields, given: Any, path: list[str], warnings: Warnings) -> Any:
    """An element by column, or what stands for it."""
    if of.read_element is not None:
        return of.read_element(given)
    if not isinstance(given, dict):
        raise ValueError("An object is needed here.")
    found: dict[str, Any] = {}
    for name, one in given.items():
        known: tuple[str, ReadValue] | None = of.fields.get(name)
        if known is None:
            warnings.add(f"The field {path[0]}.{name} is not known, and not read.")
            continue
        column, read = known
        try:
            found[column] = None if one is None else read(one)
        except ValueError:
            path.append(name)
            raise
    return found


def parent_of(given: Any) -> tuple[Key | None, str | None]:
    """The parent by one of its keys, or by its key within the file."""
    if isinstance(given, dict) and given.keys() & {"key", "id"}:
        given = given.get("key", given.get("id"))
    if given is None:
        return None, None
    if isinstance(given, dict):
        return media_key_of(given), None
    return None, given_key(given, None)


def media_key_of(given: Any) -> Key:
    """A key of any media; ValueError."""
    match given:
        case {"externalId": {"source": source, "value": value}}:
            return Key(external_id=(storable_text(source), storable_text(value)))
        case {"path": path}:
            return Key(path=storable_text(path))
        case {"season": {"series": series, "number": number}}:
            found = whole_of(number)
            if not INTEGER.holds(found):
                raise ValueError("The number of a season is needed here.")
            return Key(season=Season(media_key_of(series), found))
    raise ValueError("The key of a media of this file is needed here, or an externalId, path or season.")


def storable_text(value: Any) -> str:
    found = text_of(value)
    if not found or not storable(found):
        raise ValueError("A text without U+0000 is needed here.")
    return found
