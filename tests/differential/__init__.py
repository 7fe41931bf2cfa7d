"""Differential tests: what the compiled engine answers must be what graphql-core answers."""
