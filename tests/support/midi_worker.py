"""The process that analyses, with files that say what reading them does: read, spin, stop, grow, crash."""

from __future__ import annotations

import os
import signal
from typing import Any

from sources.midi import worker
from sources.midi.facts import MusicFacts


def do(data: bytes) -> MusicFacts:
    if data == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if data == b"stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    held: Any = [bytes(1 << 26)] if data == b"grow" else []
    while data in (b"spin", b"grow"):
        held += [bytes(1 << 26)] if held else []
    return {"note_count": 1}


if __name__ == "__main__":
    vars(worker)["read_facts_of"] = do
    worker.main()
