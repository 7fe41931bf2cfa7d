"""The columns by which rows give the files that are stored of them: read with the row, by its own statement."""

from __future__ import annotations

# A file as JSON: [hash, type, size, width, height].
_FILE = "json_build_array(stored.hash, stored.type, stored.size, stored.width, stored.height)"

# The one that `file_hash` names; NULL where there is none.
FILE = f"(SELECT {_FILE}::text FROM stored_file stored WHERE stored.hash = {{t}}.file_hash)"

# Those of a thumbnail, the narrowest first.
THUMBNAIL_FILES = (
    f"(SELECT coalesce(json_agg({_FILE} ORDER BY stored.width, stored.hash), '[]')::text FROM thumbnail_file made"
    " JOIN stored_file stored ON stored.hash = made.file_hash WHERE made.thumbnail_id = {t}.id)"
)
