"""Gives up, for the rest of this process, what reading untrusted queries and documents does not need.

Layers, each of which stands when the others fall; a system that lacks one is told so, never refused:

- a network namespace of its own, with nothing in it (``unshare``);
- seccomp (see ``pactgraph.syscalls``): no sockets, no programs, no signals to others, no io_uring;
- Landlock: no files but those below the folders that are named;
- limits on core dumps, open files and file sizes; death with the parent.

It imports nothing but the standard library. It must run while the process has one thread only, after all
imports and before the first untrusted byte.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass

from pactgraph.landlock import confine_files
from pactgraph.syscalls import refuse_syscalls

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_OPEN_FILES = 4096
_FILE_BYTES = 1024 * 1024  # what it may write to its log
_NICENESS = 5  # the process that talks to everybody goes first


@dataclass(frozen=True, slots=True)
class Isolation:
    """What holds in one process; an empty string says that the system does not offer it."""

    network: str
    files: str
    system_calls: str

    @classmethod
    def from_dict(cls, values: dict[str, str]) -> Isolation:
        """Read what ``to_dict`` wrote."""
        return cls(**values)

    def to_dict(self) -> dict[str, str]:
        """Return it as plain values, to be sent between processes."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it in one line, for people."""
        network = f"no network ({self.network})" if self.network else "NETWORK NOT CUT by this system"
        files = f"no files but the snapshot ({self.files})" if self.files else "FILES NOT CUT by this system"
        calls = self.system_calls and f"few system calls ({self.system_calls})"
        gaps = (
            "" if self.network and self.files else "; there the refusal of SERVICE and LOAD is the only line"
        )
        return "; ".join(part for part in (network, files, calls) if part) + gaps


NOTHING_HOLDS = Isolation("", "", "")


def isolate(
    *folders: str, network: bool = False, parent: int | None = None, files: bool = False
) -> Isolation:
    """Confine this process to reading ``folders``; return what holds.

    ``network`` leaves the network open, and the files that name resolution and TLS read. With ``parent``,
    a process id, this process ends when that one does. ``files`` leaves the files alone: they are not cut,
    nor is their size.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is for the parent
    _limit_resources(files=files)
    if not sys.platform.startswith("linux"):
        return NOTHING_HOLDS
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = not network and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # its memory is nobody else's to read
    if parent is not None:
        _die_with(libc, parent)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return Isolation("namespace" if namespace else "", "", "")
    landlock = 0 if files else confine_files(libc, folders, network=network)
    seccomp = refuse_syscalls(libc, network=network)
    cuts = [name for name, holds in (("namespace", namespace), ("seccomp", seccomp)) if holds]
    return Isolation(
        network=" and ".join(cuts) if not network else "",
        files=f"Landlock {landlock}" if landlock else "",
        system_calls="seccomp" if seccomp else "",
    )


def die_with(parent: int) -> None:
    """Have this process end when its parent does (Linux; more exactly, the thread that started it)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is for the parent
    if sys.platform.startswith("linux"):
        _die_with(ctypes.CDLL(None, use_errno=True), parent)


def _die_with(libc: ctypes.CDLL, parent: int) -> None:
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it could be watched
        os._exit(0)


def module_environment() -> dict[str, str]:
    """Return all that a confined process may see of the environment: where its modules are."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "RUST_BACKTRACE": "0",
    }


def _limit_resources(*, files: bool) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if not files:
        _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
    with suppress(OSError):
        os.nice(_NICENESS)


def _limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    least = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (least, least))
