"""Fixtures of jobs that call outside services."""

from __future__ import annotations

from tests.support.outside_fixtures import films, no_pauses, server

__all__ = ["films", "no_pauses", "server"]
