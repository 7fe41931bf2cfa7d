"""Upsert of media: found by their keys, made or changed with all that hangs on them, many at a time."""
