"""Edits: how they run, and what they answer."""
