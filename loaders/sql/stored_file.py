"""The columns by which rows give the files that are stored of them: read with the row, by its own statement."""

from __future__ import annotations

# A file as JSON: [hash, type, size, width, height].
_FILE = "json_build_array(s.hash, s.type, s.size, s.width, s.height)"

# The one that `file_hash` names; NULL where there is none.
FILE = f"(SELECT {_FILE}::text FROM stored_file s WHERE s.hash = {{t}}.file_hash)"

# Those of a thumbnail, the narrowest first.
THUMBNAIL_FILES = (
    f"(SELECT coalesce(json_agg({_FILE} ORDER BY s.width, s.hash), '[]')::text FROM thumbnail_file f"
    " JOIN stored_file s ON s.hash = f.file_hash WHERE f.thumbnail_id = {t}.id)"
)
