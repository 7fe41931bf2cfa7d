"""Which kinds of media hang on which, and which may be in a library of a kind."""

from __future__ import annotations

# On which kinds media of a kind hang; those of other kinds hang on none.
PARENTS = {"SEASON": ("SERIES",), "EPISODE": ("SEASON", "SERIES")}

# What else is in a library of a kind: what hangs on media of that kind.
WITHIN = {"SERIES": ("SEASON", "EPISODE"), "SEASON": ("EPISODE",)}
