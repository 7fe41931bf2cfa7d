"""Fixtures of jobs that call outside services."""

from __future__ import annotations

from tests.support.outside_fixtures import films, index, no_pauses, server

__all__ = ["films", "index", "no_pauses", "server"]
