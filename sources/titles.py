"""Titles as collections write them: "Matrix, The (1999)" is The Matrix of 1999."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ARTICLES = "the|a|an|le|la|les|l'|el|los|las|il|lo|gli|i|un|une|una|uno|der|die|das|ein|eine|een|het|de|den|det|os"
BEHIND = re.compile(rf"(?s)(.*\S), ({ARTICLES})(: .*)?", re.IGNORECASE)
YEARS = re.compile(r"\s*\((\d{4})\s*(?:[-\u2013]\s*(?:\d{4})?\s*)?\)\s*$")
REMARK_BEHIND = re.compile(r"\s\(((?:[^()]|\([^()]*\))*)\)$")
ALSO = re.compile(r"(?:a\.?\s?k\.?\s?a\.?|also known as)\s+", re.IGNORECASE)


@dataclass(slots=True)
class DatedTitle:
    """A title with what stands in brackets behind it: years, other titles."""

    title: str
    year: int | None = None
    original: str | None = None
    aliases: list[str] = field(default_factory=list)


def with_article_first(title: str) -> str:
    """ "Boot, Das" -> "Das Boot"; "Story, The: Part 2" -> "The Story: Part 2"."""
    found = BEHIND.fullmatch(title)
    if found is None or not found[2][0].isupper():
        return title
    blank = "" if found[2].endswith("'") else " "
    return f"{found[2]}{blank}{found[1]}{found[3] or ''}"


def read_dated_title(text: str) -> DatedTitle:
    """A title of MovieLens: its year, its aliases ("a.k.a."), and of what else is in brackets the last as the original
    title, the others as aliases."""
    rest = text.strip()
    year = None
    if (found := YEARS.search(rest)) is not None and rest[: found.start()].strip():
        year, rest = int(found[1]), rest[: found.start()].rstrip()
    remarks: list[str] = []
    while (found := REMARK_BEHIND.search(rest)) is not None and rest[: found.start()].strip():
        remarks.insert(0, found[1].strip())
        rest = rest[: found.start()].rstrip()
    title = DatedTitle(with_article_first(rest), year)
    others: list[str] = []
    for remark in filter(None, remarks):
        also = ALSO.match(remark)
        (title.aliases if also else others).append(with_article_first(remark[also.end() :] if also else remark))
    if others:
        title.original = others.pop()
        title.aliases += others
    return title
