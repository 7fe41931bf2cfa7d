"""A release index: what is known of releases, asked by their names, many at a time."""
