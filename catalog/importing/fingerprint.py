"""What tells whether an item is the one that was imported before."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from catalog.importing.plan import ImportPlan
from sources.source import SourceItem

# Raised where the same item is to be imported anew, since more is made of it than before.
CODE_VERSION = 2
SIZE = 16  # bytes
CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


class Fingerprints:
    """Makes the fingerprints of a run: they differ with what it makes of items too."""

    def __init__(self, plan: ImportPlan) -> None:
        told = [CODE_VERSION, sorted(plan.options.items()), plan.on_conflict]
        self._salt = blake2b(orjson.dumps(told), digest_size=SIZE).digest()

    def of(self, found: SourceItem) -> bytes:
        """16 bytes."""
        if found.fingerprint is not None:
            return self.of_source(found.parent, found.fingerprint)
        return self._made(found.parent, canonical(found))

    def of_source(self, parent: str | None, fingerprint: bytes) -> bytes:
        """Of an item of which the source knows a fingerprint."""
        return self._made(parent, b"source:" + fingerprint)

    def _made(self, parent: str | None, told: bytes) -> bytes:
        made = blake2b(self._salt, digest_size=SIZE)
        made.update(f"{len(parent or '')}:{parent}:".encode(errors="surrogatepass"))
        made.update(told)
        return made.digest()


def canonical(found: SourceItem) -> bytes:
    """The item as JSON, always the same for the same one."""
    item = found.item
    told = [item.values, item.lists, item.parent, item.has_parent, item.error and str(item.error)]
    try:
        return orjson.dumps(told, option=CANONICAL, default=repr)
    except (TypeError, ValueError):  # half of a surrogate pair, say: it fails, and is not to fail all
        return repr(told).encode(errors="surrogatepass")


def shortened(found: SourceItem, most: int) -> str:
    """The item for people who look for what is wrong with it."""
    told: dict[str, Any] = {"key": found.key, "parent": found.parent, **found.item.values, **found.item.lists}
    try:
        return orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS, default=repr).decode()[:most]
    except (TypeError, ValueError):
        return ascii(told)[:most]
