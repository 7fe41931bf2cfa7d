"""Tags, genres, channels and people as wholes: renamed, merged, split, normalised, deleted; previewed and undone."""
