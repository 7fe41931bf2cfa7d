"""Genres and their connection."""

from __future__ import annotations

from loaders.genre import GenreRow
from loaders.registry import Loaders
from schema.core.named import NamedNode, media_of
from schema.core.node import node_type
from schema.media import MediaConnection


@node_type(GenreRow, "genre", Loaders.genre_by_id, description="A genre of media.")
class Genre(NamedNode):
    media: MediaConnection = media_of(GenreRow, "genre", "The media of this genre.")
