"""Metadata of films and series from a service of the shape of TMDB's API, version 3."""
