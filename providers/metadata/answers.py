"""What a metadata service says, checked field by field: titles found, films, series, seasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.enums import ArtworkType, CreditRole, MediaKind

ExternalIdPair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundTitle:
    """A film or series that a search or another service's id has led to.

    id: the service's; popularity: by its own measure; poster_path: below an address of `ImageAddresses`."""

    kind: MediaKind
    id: int
    title: str
    original_title: str | None
    year: int | None
    overview: str | None
    popularity: float
    poster_path: str | None


@dataclass(frozen=True, slots=True)
class CreditAnswer:
    """Who took part in what way. character: of an actor; job: as the service calls it, of others."""

    person: str
    role: CreditRole
    character: str | None
    job: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its path below an address of `ImageAddresses`; sizes in pixels."""

    type: ArtworkType
    path: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class TitleDetails:
    """A film or a series. rating: in tenths, None where nobody has rated it; external_ids: as pairs of the catalogue's
    name of a service and the id there; collection: the name of the one that it belongs to."""

    kind: MediaKind
    id: int
    title: str
    original_title: str | None
    year: int | None
    overview: str | None
    rating_tenths: int | None
    runtime_minutes: int | None
    popularity: float
    tagline: str | None
    genres: Sequence[str]
    credits: Sequence[CreditAnswer]
    pictures: Sequence[Picture]
    external_ids: Sequence[ExternalIdPair]
    collection: str | None
    poster_path: str | None


@dataclass(frozen=True, slots=True)
class EpisodeDetails:
    """An episode, as its season's answer has it."""

    id: int
    number: int
    title: str
    year: int | None
    overview: str | None
    rating_tenths: int | None
    runtime_minutes: int | None
    credits: Sequence[CreditAnswer]
    pictures: Sequence[Picture]


@dataclass(frozen=True, slots=True)
class SeasonDetails:
    """A season with all its episodes, by their numbers."""

    id: int
    number: int
    title: str
    year: int | None
    overview: str | None
    pictures: Sequence[Picture]
    episodes: Sequence[EpisodeDetails]


@dataclass(frozen=True, slots=True)
class ImageAddresses:
    """Where the service's pictures are: base and size come before a path."""

    base: str
    size: str = "original"

    def of(self, path: str) -> str:
        return f"{self.base}{self.size}{path}"
