"""Turns into another program that ends with its owner: `python exec_guard.py OWNER UID GID WATCH PROGRAM ARGUMENT...`.

OWNER is the pid of the process that starts this one; UID and GID are who to become, -1 to stay. WATCH is the read end
of a pipe whose write end the owner alone holds, or -1 to have the kernel watch (Linux). The program is ended by SIGINT,
which PostgreSQL takes for a fast shutdown. A script of its own and no preexec_fn: that may deadlock in a process with
threads, and the kernel forgets whom to signal when the uid changes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    owner, uid, gid, watch = map(int, arguments[:4])
    command = arguments[4:]
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    if watch >= 0:
        start_watcher(watch)
    elif libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != owner:
        sys.exit("the owner is gone already")
    os.execv(command[0], command)


def start_watcher(watch: int) -> None:
    """Forks a process that signals this one when the pipe ends; a byte in the pipe says that all is well.

    It is forked twice, since PostgreSQL takes any child of its own that dies for a crash.
    """
    program = os.getpid()
    if child := os.fork():
        os.waitpid(child, 0)
        os.close(watch)
        return
    if os.fork() != 0:
        os._exit(0)
    os.closerange(3, watch)
    os.closerange(watch + 1, 256)
    if not os.read(watch, 1):
        os.kill(program, signal.SIGINT)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
