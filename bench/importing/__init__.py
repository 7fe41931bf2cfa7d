"""Measures imports: `make bench-import`."""
