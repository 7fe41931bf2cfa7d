"""Where jobs may import from: folders and hosts that the operator of the server has named.

Whoever can start a job could else read any file of the server, and ask any host that it reaches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catalog.importing.plan import CHUNK
from domain.errors import CatalogError, Code
from sources.formats import is_url

# Settings of the process (app/settings.py), which may run in a worker without the app.
FOLDERS, HOSTS, CHUNK_SIZE = "MARQUEE_IMPORT_FOLDERS", "MARQUEE_IMPORT_HOSTS", "MARQUEE_IMPORT_CHUNK"


@dataclass(frozen=True, slots=True)
class ImportPlaces:
    """Folders below which files may be read; hosts that may be asked, as host or host:port."""

    folders: tuple[Path, ...] = ()
    hosts: frozenset[str] = frozenset()

    def check(self, location: str) -> None:
        """FORBIDDEN for a location that is not within these; it does not look at the file system."""
        if is_url(location):
            self._check_host(location)
            return
        path = Path(location)
        if not path.is_absolute() or ".." in path.parts or "\0" in location:
            raise forbidden("A location is an absolute path without .., or a URL.")
        if not any(path.is_relative_to(folder) for folder in self.folders):
            raise forbidden(f"This path is below none of the folders of {FOLDERS}.")

    def _check_host(self, location: str) -> None:
        try:
            parts = urlsplit(location)
            named = {(parts.hostname or "").lower(), parts.netloc.rpartition("@")[2].lower()}
        except ValueError:
            raise forbidden("This is no URL.") from None
        if parts.username is not None or parts.password is not None:
            raise forbidden("A URL has no user and password here: keys come from the server's environment.")
        if not named & self.hosts:
            raise forbidden(f"This host is none of {HOSTS}.")

    def real(self, location: str) -> str:
        """The location without symbolic links; FORBIDDEN where they lead elsewhere. It reads the file system."""
        self.check(location)
        if is_url(location):
            return location
        path = Path(os.path.realpath(location))
        if not any(path.is_relative_to(os.path.realpath(folder)) for folder in self.folders):
            raise forbidden("This path leads out of the folders that may be read.")
        return str(path)


def forbidden(message: str) -> CatalogError:
    return CatalogError(Code.FORBIDDEN, message)


def import_places(environ: Mapping[str, str] = os.environ) -> ImportPlaces:
    folders = [Path(one) for one in environ.get(FOLDERS, "").split(":") if one.startswith("/")]
    hosts = {one.strip().lower() for one in environ.get(HOSTS, "").split(",") if one.strip()}
    return ImportPlaces(tuple(folders), frozenset(hosts))


def chunk_size(environ: Mapping[str, str] = os.environ) -> int:
    return int(environ.get(CHUNK_SIZE) or CHUNK)
