"""Imports: what a source tells of media brought into a library, chunk by chunk."""
