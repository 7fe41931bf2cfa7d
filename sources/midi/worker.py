"""The process that reads MIDI files: lists of paths come in by standard input, facts go out, a line of JSON each.

`python -m sources.midi.worker SECONDS BYTES`: how long one file may take, and how much memory the process may have.
What breaks the limits, or the library, ends this process and no other (sources/midi/analyser.py)."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import sys
from typing import Any

from sources.midi.chunks import MAX_MIDI_BYTES, UnreadableMidiError
from sources.midi.facts import read_facts_of


def main() -> None:
    """Answers until nobody asks any more."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    limit_memory(memory)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever it is doing, also when nobody waits
    for line in sys.stdin:
        for path in json.loads(line):
            signal.setitimer(signal.ITIMER_REAL, seconds)
            answer = analysed_file(path, memory)
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
            sys.stdout.flush()


def limit_memory(most: int) -> None:
    """The system gives this process no more, where it can say so."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ValueError, OSError):  # macOS knows the limit and refuses to set it
        return


def analysed_file(path: str, memory: int) -> dict[str, Any]:
    """`facts` of a file, or the `reason` why there are none."""
    try:
        return {"facts": read_facts_of(file_bytes(path))}
    except UnreadableMidiError as error:
        return {"reason": str(error)}
    except OSError as error:
        return {"reason": (error.strerror or "it cannot be read").lower()}
    except MemoryError:
        return {"reason": f"it needs more than {memory >> 20} MB of memory"}


def file_bytes(path: str) -> bytes:
    """All of a file that is not too large; OSError, UnreadableMidiError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableMidiError("it is no regular file")
        data = file.read(MAX_MIDI_BYTES + 1)
    if len(data) > MAX_MIDI_BYTES:
        raise UnreadableMidiError(f"it is larger than {MAX_MIDI_BYTES >> 20} MB")
    return data


if __name__ == "__main__":
    main()
