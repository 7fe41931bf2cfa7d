"""What the elements of a .nfo say, as values and lists of an upsert's item. What cannot be stored is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from catalog.upsert.item import PersonKey
from domain.bounds import COLUMNS, LONG_NAME_LETTERS, NAME_LETTERS, OVERVIEW_LETTERS, TITLE_LETTERS
from domain.text import shows_nothing, storable

MAX_ROWS = {"genres": 64, "tags": 256, "credits": 1_000, "collections": 64, "taglines": 32, "artwork": 32}
SHORT_TEXT = 1_000
WHOLE_NUMBER = re.compile(r"\s*(\d{1,9})(?:\.\d+)?")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LIST = re.compile(r"\s*(?:/|\||;|,)\s*")

IDS = {"imdbid": "imdb", "imdb_id": "imdb", "imdb": "imdb", "tmdbid": "tmdb", "tvdbid": "tvdb"}
PROVIDER = re.compile(r"[a-z0-9_.-]{1,40}")
CREDITS = {
    "director": "DIRECTOR",
    "credits": "WRITER",
    "writer": "WRITER",
    "producer": "PRODUCER",
    "composer": "COMPOSER",
}
ART_TYPES = {
    **dict.fromkeys(("poster", "keyart", ""), "POSTER"),
    **dict.fromkeys(("fanart", "background"), "BACKDROP"),
    **dict.fromkeys(("landscape", "thumb", "banner"), "THUMBNAIL"),
    **dict.fromkeys(("clearlogo", "logo", "clearart"), "LOGO"),
}


def text_in(element: Element, *names: str, most: int = SHORT_TEXT) -> str | None:
    """The first text under one of some names."""
    return next((one for name in names for one in element_texts(element, name, most)), None)


def element_texts(element: Element, name: str, most: int = SHORT_TEXT) -> Iterator[str]:
    for one in element.findall(name):
        if (kept := usable(one.text, most)) is not None:
            yield kept


def usable(text: str | None, most: int) -> str | None:
    """A text that shows something and can be stored, of at most so many letters."""
    kept = (text or "").strip()[:most].strip()
    return kept if kept and storable(kept) and not shows_nothing(kept) else None


def line(text: str | None, most: int) -> str | None:
    return usable(" ".join((text or "").split()), most)


def whole_in(element: Element, column: str, *names: str) -> int | None:
    """A whole number that its column can hold."""
    for name in names:
        match = WHOLE_NUMBER.match(element.findtext(name) or "")
        if match is not None and COLUMNS[column].holds(int(match[1])):
            return int(match[1])
    return None


def values_of(element: Element) -> dict[str, Any]:
    """Columns of media; what is not said is not given."""
    premiered = text_in(element, "premiered", "aired", "releasedate")
    year = whole_in(element, "media.year", "year")
    if not year and premiered is not None and ISO_DATE.match(premiered):
        year = int(premiered[:4])
    found = {
        "title": text_in(element, "title", most=TITLE_LETTERS),
        "original_title": text_in(element, "originaltitle", most=TITLE_LETTERS),
        "year": year or None,
        "overview": text_in(element, "plot", "outline", most=OVERVIEW_LETTERS),
        "runtime_minutes": whole_in(element, "media.runtime_minutes", "runtime"),
        "rating_tenths": note_rating(element),
        "metadata": metadata_of(element, premiered) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def note_rating(element: Element) -> int | None:
    """The rating that is marked as the default, else the first, in tenths of a scale to 10."""
    ratings = element.findall("ratings/rating")
    ratings.sort(key=lambda one: one.get("default", "").lower() != "true")
    for one in ratings:
        if (tenths := in_tenths(one.findtext("value"), one.get("max"))) is not None:
            return tenths
    return in_tenths(element.findtext("rating"), None)


def in_tenths(value: str | None, most: str | None) -> int | None:
    try:
        tenths = round(float((value or "").replace(",", ".")) * 100 / float(most or 10))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return tenths if tenths > 0 and COLUMNS["media.rating_tenths"].holds(tenths) else None


def metadata_of(element: Element, premiered: str | None) -> dict[str, Any]:
    found = {
        "sort_title": text_in(element, "sorttitle", most=TITLE_LETTERS),
        "outline": text_in(element, "outline") if element.find("plot") is not None else None,
        "premiered": premiered if premiered is not None and ISO_DATE.fullmatch(premiered) else None,
        "certification": text_in(element, "mpaa"),
        "status": text_in(element, "status"),
        "studios": distinct(element_texts(element, "studio", NAME_LETTERS))[:32] or None,
        "countries": distinct(element_texts(element, "country", NAME_LETTERS))[:32] or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def lists_of(element: Element) -> dict[str, list[Any]]:
    """Lists of an item by name; those that say nothing are not given."""
    found: dict[str, list[Any]] = {
        "genres": names_in_list(element, "genre"),
        "tags": distinct(
            kept for text in element_texts(element, "tag") if (kept := line(text, NAME_LETTERS)) is not None
        ),
        "taglines": distinct(element_texts(element, "tagline")),
        "credits": list(note_credits(element)),
        "collections": [{"collection_id": name} for name in sets_of(element)],
        "artwork": list(note_artwork(element)),
    }
    return {name: rows[: MAX_ROWS[name]] for name, rows in found.items() if rows}


def names_in_list(element: Element, tag: str) -> list[str]:
    """Names, one to an element or several with separators."""
    parts = (part for text in element_texts(element, tag) for part in LIST.split(text))
    return distinct(kept for part in parts if (kept := line(part, NAME_LETTERS)) is not None)


def distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def sets_of(element: Element) -> list[str]:
    """A <set> is a name, or has one."""
    return distinct(
        name
        for one in element.findall("set")
        if (name := line(one.findtext("name") or one.text, LONG_NAME_LETTERS)) is not None
    )


def note_credits(element: Element) -> Iterator[dict[str, Any]]:
    """People in order: directors, writers and so on, then actors by the order that is given."""
    seen = set[Any]()
    for tag, role in CREDITS.items():
        for one in element.findall(tag):
            parts = (usable(one.text, SHORT_TEXT) or "").split(" / ")
            ids = ids_of_person(one.attrib if len(parts) == 1 else {})
            for part in parts:
                name = line(part, LONG_NAME_LETTERS)
                if name is not None and (role, name.casefold(), ids) not in seen:
                    seen.add((role, name.casefold(), ids))
                    yield {"person_id": PersonKey(name, ids) if ids else name, "role": role}
    actors = sorted(element.findall("actor"), key=order_of)
    for actor in actors:
        name = line(actor.findtext("name"), LONG_NAME_LETTERS)
        character = line(actor.findtext("role"), TITLE_LETTERS)
        ids = ids_of_person({one.tag: one.text or "" for one in actor})
        key = (name or "").casefold(), (character or "").casefold(), ids
        if name is not None and key not in seen:
            seen.add(key)
            who = PersonKey(name, ids) if ids else name
            yield {"person_id": who, "role": "ACTOR", "character": character}


def ids_of_person(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """By provider. given: texts of elements of an actor, or attributes of another one, by their names."""
    found: dict[str, str] = {}
    for tag, provider in IDS.items():
        if (value := usable(given.get(tag), 200)) is not None and value != "0":
            found.setdefault(provider, value)
    return tuple(found.items())


def order_of(actor: Element) -> int:
    match = WHOLE_NUMBER.match(actor.findtext("order") or "")
    return int(match[1]) if match is not None else 1_000_000


def note_artwork(element: Element) -> Iterator[dict[str, Any]]:
    """Addresses of pictures: <thumb aspect="poster">, <fanart><thumb>."""
    found = [(one, one.get("aspect", "").lower()) for one in element.findall("thumb") if not one.get("season")]
    found += [(one, "fanart") for one in element.findall("fanart/thumb")]
    seen = set()
    for one, aspect in found:
        address = (one.text or "").strip()
        if not address.startswith(("http://", "https://")) or len(address.encode(errors="replace")) > 4_000:
            continue
        type_ = ART_TYPES.get(aspect)
        if type_ is not None and storable(address) and address not in seen:
            seen.add(address)
            yield {"type": type_, "url": address}


def ids_of(element: Element) -> dict[str, str]:
    """Ids by provider: <uniqueid type="tmdb">, <imdbid>, and <id> where it is one of IMDb's."""
    found: dict[str, str] = {}
    for one in element.findall("uniqueid"):
        provider = (one.get("type") or "").strip().lower()
        value = usable(one.text, 200)
        if PROVIDER.fullmatch(provider) and provider != "unknown" and value is not None:
            found.setdefault(IDS.get(provider, provider), value)
    for tag, provider in IDS.items():
        if (value := text_in(element, tag, most=200)) is not None:
            found.setdefault(provider, value)
    if re.fullmatch(r"tt\d{5,10}", plain := text_in(element, "id") or ""):
        found.setdefault("imdb", plain)
    return found


def stream_facts(element: Element) -> dict[str, Any]:
    """What <fileinfo> says of the file: codecs, size in pixels, duration."""
    streams = element.find("fileinfo/streamdetails")
    if streams is None:
        return {}
    codecs = [line(one.findtext("codec"), 100) for one in (*streams.findall("video"), *streams.findall("audio"))]
    video = streams.find("video")
    found: dict[str, Any] = {"codecs": distinct(one.lower() for one in codecs if one is not None)[:64]}
    if video is not None:
        seconds = whole_in(video, "media_file.duration_ms", "durationinseconds")
        found["width"] = whole_in(video, "media_file.width", "width")
        found["height"] = whole_in(video, "media_file.height", "height")
        found["duration_ms"] = seconds * 1000 if seconds and seconds < 2_000_000 else None
    return {name: value for name, value in found.items() if value}
