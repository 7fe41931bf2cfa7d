"""A folder of media files as a source: names, sidecars, and what ffprobe tells."""
