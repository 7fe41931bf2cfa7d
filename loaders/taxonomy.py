"""Which media of a tag, genre, channel or person a filter lets through, for those who edit these as wholes."""

from __future__ import annotations

from database.row import Row
from domain.viewer import Viewer
from loaders.sql.condition import All
from loaders.sql.statement import Composer


class MatchScope:
    """What a viewer may see, and of it the ids alone: a filter says nothing of what is hidden."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    def columns(self, row: type[Row]) -> frozenset[str]:
        return frozenset()


def matching_media(noun: str, id: int, filter: All | None, viewer: Viewer) -> tuple[str, list[object]]:
    """The statement for ids of the media that have one of a noun, that may be seen and that a filter lets through, and
    its values."""
    composer = Composer(MatchScope(viewer), Row)
    here = composer.parameter(id)
    text = f"SELECT m.id FROM media m JOIN media_{noun} j ON j.media_id = m.id AND j.{noun}_id = {here}::bigint"
    conditions = list(filter.conditions(composer)) if filter is not None else []
    where = f"true{{visible:m.library_id}} AND {' AND '.join(['true', *conditions])}"
    return composer.finish(f"{text} WHERE {where} ORDER BY m.id"), composer.values
