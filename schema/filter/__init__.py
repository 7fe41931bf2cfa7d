"""Filters and orders of media: their input types, read into conditions."""
