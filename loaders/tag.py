"""Tags. A whole noun of the read side stands in this file: its row, its loaders, and the statements that they send.

How a list of 100 media gets its tags: the field `Media.tags` is declared as `relation(Loaders.tags_by_media_id, ...)`;
its 100 keys meet in one BatchLoader, which sends the statement above `tags_by_media_id` once, and hands each media its
rows. In a statement `{keys}` are the keys, `{columns:t}` the columns that the operation names, `{visible:...}` a
condition on the viewer's libraries. Genres and channels are read alike: loaders/sql/named.py makes the texts."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.count import Counts
from loaders.sql.named import NamedNoun, NameOrderField
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement, aliases, kept_media_count


class TagRow(Row):
    """Of table tag. media_count, a kept number, and aliases are read only where an operation names them."""

    id = Column[int]()
    name = Column[str]()
    slug = Column[str]()
    category = Column["str | None"]()
    aliases = Column[list[str]](aliases("tag"))
    version = Column[int]()
    media_count = Column[int](kept_media_count("tag"))


TAGS = NamedNoun(TagRow, "tag")

# The parents of tags, by name; at most 64 a tag.
PARENTS_BY_TAG_ID = BatchStatement(
    TagRow,
    """SELECT j.tag_id AS key, {columns:t} FROM tag_parent j JOIN tag t ON t.id = j.parent_id
    WHERE j.tag_id = {keys} ORDER BY j.tag_id, t.folded_name, t.id""",
)

# The children of tags.
CHILDREN_BY_TAG_ID = Source(
    TagRow,
    alias="t",
    table="tag_parent j JOIN tag t ON t.id = j.tag_id",
    id_sql="j.tag_id",
    parent="j.parent_id",
    sort=TAGS.source().sort,
    default=(OrderBy(NameOrderField.NAME.value),),
)


class TagLoaders(LoaderGroup):
    """Loaders of tags: the name says what they answer and by which key."""

    # SELECT t.id AS key, {columns:t} FROM tag t WHERE t.id = {keys}
    # UNION ALL SELECT r.id AS key, {columns:t} FROM tag_redirect r JOIN tag t ON t.id = r.tag_id
    # WHERE r.id = {keys}
    tag_by_id = One[int, TagRow](TAGS.by_id())

    # SELECT n.folded AS key, {columns:t} FROM tag_name n JOIN tag t ON t.id = n.tag_id
    # WHERE n.folded = {keys}
    tag_by_name = One[str, TagRow](TAGS.by_name())

    # SELECT j.media_id AS key, {columns:t} FROM media_tag j JOIN tag t ON t.id = j.tag_id
    # WHERE j.media_id = {keys}{visible:j.library_id} ORDER BY j.media_id, t.folded_name, t.id
    tags_by_media_id = Many[int, TagRow](TAGS.by_media_id())

    # SELECT {columns:t}, ... FROM tag t WHERE ... ORDER BY t.folded_name, t.id LIMIT ...: see loaders/sql/page.py
    tag_count = Counts(TAGS.source())
    tag_pages = Pages(tag_count)
    parents_by_tag_id = Many[int, TagRow](PARENTS_BY_TAG_ID)
    child_count_by_tag_id = Counts(CHILDREN_BY_TAG_ID)
    child_pages_by_tag_id = Pages(child_count_by_tag_id)
