"""What a release index says of releases, written into the catalogue, and the scores of their groups."""
