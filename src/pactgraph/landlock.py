"""Landlock (Linux 5.13 and later): a process takes files and ports away from itself, for good.

See https://docs.kernel.org/userspace-api/landlock.html; the numbers are those of ``linux/landlock.h``.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_ALL = 3  # abstract sockets and signals
# How many rights on files each version knows: those of version 1, then refer, truncate and ioctl.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_MOST_RIGHTS = 16
_WITH_PORTS, _WITH_SCOPES = 4, 6
# What name resolution and TLS read.
_NETWORK_FILES = ("/etc", "/usr/lib", "/lib", "/lib64", "/usr/share/ca-certificates", "/run/systemd/resolve")


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def confine_files(libc: ctypes.CDLL, folders: Sequence[str], *, network: bool) -> str:
    """Leave this process nothing but reading below ``folders``; return the version in force, or nothing.

    Without ``network`` it may not bind or connect TCP ports either, from version 4 on.
    """
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    if version < 1:
        return ""
    rules = _Ruleset(
        files=(1 << _RIGHTS.get(version, _MOST_RIGHTS)) - 1,
        ports=_BIND_TCP | (0 if network else _CONNECT_TCP) if version >= _WITH_PORTS else 0,
        scopes=_SCOPE_ALL if version >= _WITH_SCOPES else 0,
    )
    size = 24 if version >= _WITH_SCOPES else 16 if version >= _WITH_PORTS else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return ""
    try:
        for folder in (*folders, *(_NETWORK_FILES if network else ())):
            if Path(folder).is_dir():
                _allow_reading(libc, ruleset, folder)
        held = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)
    return f"version {version}" if held else ""


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: str) -> None:
    descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(allowed=_READ_FILE | _READ_DIR, parent=descriptor)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
