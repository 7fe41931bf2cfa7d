"""A filter of media with every predicate there is, in the forms of it that make different SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain.enums import ArtworkType, CreditRole, DownloadState, MediaKind, ReleaseState, ThumbnailState
from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS
from loaders.sql.condition import All, Condition, all_of, any_of, negated
from schema.core.scalars import JSON
from schema.filter.media_filter import ChildrenFilter, MediaFilter
from schema.filter.media_match import (
    WRITTEN,
    AliasMatch,
    ArtworkMatch,
    CategoryMatch,
    ClipMatch,
    CreditMatch,
    ExternalIdMatch,
    FileMatch,
    MusicMatch,
    ProcessMatch,
    ReleaseMatch,
    SubtitleMatch,
    ThumbnailMatch,
    match_of,
)
from schema.filter.metadata_filter import MetadataFilter
from schema.filter.name_filter import NameFilter
from schema.filter.name_or_id import NameOrId
from schema.filter.reading import Reading, readers
from schema.filter.relation_filter import Filter, RelationFilter
from schema.filter.value_filter import FloatRange, IntRange, TextFilter, TimeRange

NUMBER = IntRange(min=1, max=2, is_null=False, eq=1, in_=[1, 2])
PARTS = FloatRange(min=1.5, max=2.25, is_null=False, eq=1, in_=[1, 2.5])
TEXT = TextFilter(eq="a", in_=["a", "b"], contains="a", starts_with="a", is_null=False)
TIME = TimeRange(min=datetime(2024, 1, 1), max=datetime(2025, 1, 1))


def relation(prefix: str, **more: Any) -> RelationFilter:
    one = NameOrId(id=strawberry.ID(f"{prefix}_1"))
    some = [one, NameOrId(name="a"), NameOrId(matching=NameFilter(contains="a", starts_with="a", in_=["a", "b"]))]
    return RelationFilter(any=some, all=[one], none=some, missing=False, count=NUMBER, **more)


def carried() -> dict[str, Any]:
    """Predicates on what media carry."""
    return {one.plural: relation(one.noun, with_descendants=one.is_tree) for one in MEMBERSHIPS}


def rows(match: Any) -> Filter[Any]:
    return Filter(**relatives(match))


def relatives(match: Any) -> dict[str, Any]:
    return {"any": [match], "all": [match], "none": [match], "missing": False, "count": NUMBER}


def every_predicate() -> MediaFilter:
    """All but `and`, `or` and `not`."""
    return MediaFilter(
        id=[strawberry.ID("media_1")],
        kind=[MediaKind.MOVIE],
        title="a",
        title_text=TEXT,
        original_title=TEXT,
        overview=TEXT,
        search="a",
        year=NUMBER,
        rating=FloatRange(min=1, max=2, is_null=False, eq=1, in_=[1, 2]),
        runtime_minutes=NUMBER,
        season_number=NUMBER,
        episode_number=NUMBER,
        added_at=TIME,
        updated_at=TIME,
        library=[strawberry.ID("library_1")],
        parent=[strawberry.ID("media_1")],
        parent_matching=MediaFilter(year=NUMBER),
        children=ChildrenFilter(**relatives(MediaFilter(title="a", year=NUMBER))),
        metadata=[MetadataFilter(path=["a", "b"], eq=JSON({"c": 1}), contains=JSON([1]), min=1, max=2, exists=True)],
        **carried(),
        people=relation("person"),
        credits=rows(CreditMatch(person=NameOrId(name="a"), roles=[CreditRole.ACTOR], character=TEXT)),
        external_ids=rows(ExternalIdMatch(source=TEXT, value=TEXT)),
        collections=relation("collection"),
        artwork=rows(
            ArtworkMatch(types=[ArtworkType.POSTER], states=[DownloadState.WANTED], width=NUMBER, height=NUMBER)
        ),
        aliases=rows(AliasMatch(title=TEXT, language=TEXT)),
        categories=rows(CategoryMatch(category=TEXT, value=TEXT)),
        processes=rows(ProcessMatch(process=TEXT, processed_at=TIME)),
        **files_and_facts(),
        **made_lists(),
    )


SAID = {TextFilter: TEXT, IntRange: NUMBER, FloatRange: PARTS, TimeRange: TIME, bool: True}


def made_lists() -> dict[str, Any]:
    """Predicates on the lists of a media whose input types are made."""
    found = {}
    for one in MEDIA_LISTS:
        match = match_of(one)
        if match not in WRITTEN.values():
            fields = match.__strawberry_definition__.fields  # type: ignore[attr-defined]
            found[one.plural] = rows(match(**{field.python_name: said(field.type.of_type) for field in fields}))
    return found


def said(type_: Any) -> Any:
    """Something that clients may say where they are asked for a value of a type."""
    return SAID[type_] if type_ in SAID else [next(iter(getattr(type_.of_type, "wrapped_cls", "a")))]


def files_and_facts() -> dict[str, Any]:
    """Predicates on files and what was found out about them."""
    texts = dict.fromkeys(("path", "name", "container", "manufacturer", "collection"), TEXT)
    file = FileMatch(**texts, megabytes=PARTS, modified_at=TIME, width=NUMBER, height=NUMBER, duration_seconds=PARTS)
    wanted = [DownloadState.WANTED, DownloadState.FAILED]
    subtitle = SubtitleMatch(
        languages=["en"], states=wanted, formats=["srt"], is_forced=True, is_for_hearing_impaired=False
    )
    group = NameOrId(name="a")
    release = ReleaseMatch(name=TEXT, categories=["a"], states=[ReleaseState.NEW], group=group, published_at=TIME)
    music = MusicMatch(
        tempo=PARTS,
        key_signatures=["a"],
        time_signatures=["a"],
        programs=[0],
        tracks=NUMBER,
        notes=NUMBER,
        duration_seconds=PARTS,
    )
    return {
        "files": rows(file),
        "subtitles": rows(subtitle),
        "thumbnails": rows(ThumbnailMatch(states=[ThumbnailState.READY])),
        "releases": rows(release),
        "music": music,
        "clip": ClipMatch(channel=NameOrId(name="a"), duration_seconds=PARTS, megabytes=PARTS),
    }


def as_filter(condition: Condition) -> All:
    return condition if isinstance(condition, All) else All((condition,))


def made(given: MediaFilter) -> All:
    """Read predicate by predicate: together they are more than one filter may have."""
    parts = [(read, getattr(given, name)) for name, read in readers(MediaFilter)]
    return as_filter(all_of(one for read, value in parts if value is not None for one in read(value, Reading())))


ONE_TAG = RelationFilter(any=[NameOrId(name="a")])
EVERY = every_predicate()
WITHIN = {"and_", "or_", "not_"}
FULL = (
    made(EVERY),
    as_filter(any_of([made(EVERY), made(MediaFilter(title="b"))])),
    as_filter(negated(made(EVERY))),
    made(MediaFilter(tags=ONE_TAG, year=NUMBER)),
    made(MediaFilter(library=[strawberry.ID("library_1")], genres=ONE_TAG)),
)


def missing() -> list[str]:
    """Predicates that are not here."""
    names = [name for name, _ in readers(MediaFilter)]
    return [name for name in names if name not in WITHIN and getattr(EVERY, name) is None]
