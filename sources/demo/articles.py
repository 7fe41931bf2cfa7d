"""Decides which movie an article name belongs to, so that it can serve as an external id.

75 article names of the source are shared by 151 movies (re-releases, a film listed under two years, episodes of one
series). The name belongs to the movie whose title is the article's (without "(1997 film)"), of several to the one
whose year is the article's (the one in brackets, else the one in the first sentence), of several to the first in the
source. The others get none, as do the 134 movies without an article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

from sources.demo.vega import title_key

QUALIFIER = re.compile(r"_\((?:(\d{4})_)?[^)]*\)$")
FIRST_YEAR = re.compile(r"\b(?:is|was) (?:an?|the) (?:\w+ )?(\d{4})\b")


class Claim(NamedTuple):
    """A movie that names an article; article None: it names none."""

    article: str | None
    title: str
    year: int
    extract: str


def owned_articles(claims: Sequence[Claim]) -> list[str | None]:
    """For each claim its article where it is the owner, else None."""
    sharers: dict[str, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        if claim.article is not None:
            sharers[claim.article].append(index)
    owners = {max(indexes, key=lambda i: (fit(claims[i]), -i)) for indexes in sharers.values()}
    return [claim.article if index in owners else None for index, claim in enumerate(claims)]


def fit(claim: Claim) -> tuple[bool, bool]:
    """Whether the title and whether the year are the article's."""
    article = claim.article or ""
    name = unquote(QUALIFIER.sub("", article)).replace("_", " ")
    year = QUALIFIER.search(article)
    stated = year[1] if year is not None and year[1] else None
    if stated is None:
        sentence = FIRST_YEAR.search(claim.extract)
        stated = sentence[1] if sentence is not None else None
    return title_key(claim.title) == title_key(name), stated == str(claim.year)
