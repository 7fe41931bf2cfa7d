"""Kodi's and Jellyfin's .nfo files as XML elements: whatever their encoding, with several roots, or only an address.

Document types and entities are refused (defusedxml): nobody needs them, and they can be made to fill the memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sources.encodings import byte_order_of, encoding_of
from sources.folder.files import UnfitFile, bytes_of
from sources.warnings import Warnings

MAX_NFO_BYTES = 4_000_000
ROOTS = ("movie", "tvshow", "season", "episodedetails", "musicvideo", "video")

DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
DECLARATION = re.compile(r"<\?xml.*?\?>", re.DOTALL | re.IGNORECASE)
FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
NO_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:x0*[0-8bcef]|x0*1[0-9a-f]|0*[0-8]);", re.IGNORECASE
)
AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)(\w+;)?")

ADDRESSES = (
    ("imdb", re.compile(r"imdb\.com/title/(tt\d{5,10})", re.IGNORECASE)),
    ("tmdb", re.compile(r"themoviedb\.org/(?:movie|tv)/(\d+)", re.IGNORECASE)),
    ("tvdb", re.compile(r"thetvdb\.com/\S*?(?:id=|series/|movies/)(\d+)", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Nfo:
    """What a .nfo says: its roots, and the ids in the addresses that stand beside them, by provider."""

    roots: Sequence[Element] = ()
    ids: Mapping[str, str] = field(default_factory=dict)


def read_nfo(path: Path, noticed: Warnings | None = None) -> Nfo:
    """OSError, UnfitFile with the reason."""
    return parse_nfo(bytes_of(path, MAX_NFO_BYTES), noticed)


def parse_nfo(content: bytes, noticed: Warnings | None = None) -> Nfo:
    """UnfitFile where it is neither XML nor has an address that is known."""
    text = NO_CHARACTERS.sub("", decoded(content, noticed))
    start, end = text.find("<"), text.rfind(">")
    if start < 0 or end < start:
        ids = ids_in(text)
        if not ids:
            raise UnfitFile("It is no XML, and has no address of a provider.")
        return Nfo((), ids)
    if FORBIDDEN.search(text):
        raise UnfitFile("It has a document type or entities: these are not read.")
    roots = [one for one in parsed(DECLARATION.sub("", text[start : end + 1])) if one.tag.lower() in ROOTS]
    ids = ids_in(text[:start] + text[end + 1 :])
    if not roots and not ids:
        raise UnfitFile(f"None of {', '.join(ROOTS)} is its root.")
    return Nfo(roots, ids)


def decoded(content: bytes, noticed: Warnings | None = None) -> str:
    """The text: as its mark of byte order says, as UTF-8, as it says itself, or as it looks."""
    if (marked := byte_order_of(content)) is not None:
        return content.decode(marked, "replace")
    declared = DECLARED.search(content[:200])
    for encoding in ("utf-8", declared[1].decode("ascii") if declared is not None else "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    found = encoding_of(content)
    if found.is_guessed and noticed is not None:
        noticed.add(f"Notes (.nfo) that are not UTF-8 and say no encoding that fits are read as {found.name}, a guess.")
    return content.decode(found.name, "replace")


def parsed(text: str) -> list[Element]:
    """The roots of XML; a bare & and HTML's entities are taken as what they mean. UnfitFile."""
    try:
        return elements(text)
    except ParseError:
        try:
            return elements(AMPERSAND.sub(escaped, text))
        except ParseError as error:
            raise UnfitFile(f"It is not well-formed XML: {error}.") from error
    except DefusedXmlException as error:
        raise UnfitFile("It has a document type or entities: these are not read.") from error


def elements(text: str) -> list[Element]:
    return list(fromstring(f"<nfo>{text}</nfo>", forbid_dtd=True))


def escaped(match: re.Match[str]) -> str:
    found = html5.get(match[1] or "")
    return found if found is not None and found not in "<>&" else f"&amp;{match[1] or ''}"


def ids_in(text: str) -> dict[str, str]:
    return {source: match[1] for source, pattern in ADDRESSES if (match := pattern.search(text)) is not None}
