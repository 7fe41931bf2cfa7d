"""What a metadata service knows: candidates for a title or an id of another service."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import strawberry

from database.session import Session
from domain.bounds import TITLE_LETTERS, YEAR
from domain.errors import CatalogError, Code
from engine.relation import Declaration, Load, declared
from loaders.registry import Loaders
from providers.metadata.lookup import KINDS, Candidate, Wanted, find_candidates
from providers.metadata.service import MetadataService
from providers.services import OutsideServices, configured
from schema.core.enums import MediaKind
from schema.edit.upsert_input import ExternalIdInput
from schema.media import Media

MOST_CANDIDATES = 20
SERVICE_SECONDS = 8.0  # for the service, within the request's time


def load_owner(known: KnownId, context: Any, arguments: Any) -> Load | None:
    return None if ":" in known.source else Load(Loaders.media_by_external_id, f"{known.source}:{known.value}")


@strawberry.type(description="What a service calls a candidate, and the media of the catalogue that it calls so.")
class KnownId:
    source: str = strawberry.field(description="The service: tmdb for movies, tmdb_series for series, imdb.")
    value: str = strawberry.field(description="The id at that service.")
    media: Media | None = declared(
        Declaration("lookup", target=load_owner), {}, "The media with this id; null where there is none."
    )


@strawberry.type(description="A movie or series that may be the one that is looked for.")
class MetadataCandidate:
    score: float = strawberry.field(
        description="From 0 to 1: how alike the titles are, times how near the years are (docs/metadata.md)."
    )
    kind: MediaKind = strawberry.field(description="MOVIE or SERIES.")
    title: str = strawberry.field(description="Its title.")
    original_title: str | None = strawberry.field(description="Its title in its own language, where that differs.")
    year: int | None = strawberry.field(description="Year of its first release.")
    overview: str | None = strawberry.field(description="What it is about.")
    poster: str | None = strawberry.field(description="Address of a picture.")
    external_ids: list[KnownId] = strawberry.field(
        description="What the service calls it, and the external id by which it was found."
    )


def candidate_of(one: Candidate) -> MetadataCandidate:
    found = one.found
    return MetadataCandidate(
        score=one.score,
        kind=found.kind,
        title=found.title,
        original_title=found.original_title,
        year=found.year,
        overview=found.overview,
        poster=one.poster,
        external_ids=[KnownId(source=source, value=value) for source, value in one.external_ids],
    )


def metadata_of(info: strawberry.Info[Any, Any]) -> MetadataService:
    """PROVIDER_NOT_CONFIGURED."""
    services: OutsideServices | None = info.context.services
    return configured(None if services is None else services.metadata, "MARQUEE_METADATA_URL")


def deadline_of_service() -> float:
    return asyncio.get_running_loop().time() + SERVICE_SECONDS


def waiting_outside(info: strawberry.Info[Any, Any]) -> AbstractContextManager[None]:
    """No connection is held while the service is waited for."""
    session = info.context.session
    return session.waiting_outside() if isinstance(session, Session) else nullcontext()


async def lookup(
    info: strawberry.Info[Any, Any],
    title: Annotated[str | None, strawberry.argument(description="Its title.")] = None,
    year: Annotated[int | None, strawberry.argument(description="Its year: others get lower scores.")] = None,
    external_id: Annotated[
        ExternalIdInput | None,
        strawberry.argument(description="Its id at tmdb, tmdb_series, imdb, tvdb or wikidata, in place of a title."),
    ] = None,
    kind: Annotated[MediaKind | None, strawberry.argument(description="Only MOVIE or SERIES.")] = None,
    first: Annotated[int, strawberry.argument(description=f"At most so many, up to {MOST_CANDIDATES}.")] = 5,
) -> list[MetadataCandidate] | None:
    wanted = read_wanted(title, year, external_id, kind)
    if not 1 <= first <= MOST_CANDIDATES:
        raise CatalogError(Code.BAD_PAGE_SIZE, f"first is a number from 1 to {MOST_CANDIDATES}.")
    service = metadata_of(info)
    with waiting_outside(info):
        candidates = await find_candidates(service, wanted, first, deadline_of_service())
    return [candidate_of(one) for one in candidates]


def read_wanted(title: str | None, year: int | None, external_id: Any, kind: MediaKind | None) -> Wanted:
    """BAD_ARGUMENT."""
    if (title is None) == (external_id is None):
        raise CatalogError(Code.BAD_ARGUMENT, "Give a title, or an external id.")
    if title is not None and (not title.strip() or len(title) > TITLE_LETTERS or not title.isprintable()):
        raise CatalogError(Code.BAD_ARGUMENT, f"A title has 1 to {TITLE_LETTERS} letters, in one line.")
    if year is not None and not YEAR.holds(year):
        raise CatalogError(Code.BAD_ARGUMENT, f"year is a number {YEAR.description}.")
    if kind is not None and kind not in KINDS:
        raise CatalogError(Code.BAD_ARGUMENT, "Movies and series are looked up: kind is MOVIE or SERIES.")
    pair = None if external_id is None else (external_id.source, external_id.value)
    return Wanted(None if title is None else title.strip(), year, pair, kind)


@strawberry.type
class MetadataQuery:
    """Root field of the metadata service."""

    lookup: list[MetadataCandidate] | None = strawberry.field(
        resolver=lookup,
        description="Movies and series that the metadata service knows by a title or an id, the best first.",
    )
