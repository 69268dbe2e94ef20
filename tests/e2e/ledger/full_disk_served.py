"""Submits to a real server until its disk is full, and goes on after space is freed. Run as: … FOLDER.

FOLDER is a small file system of its own, which ends with this process. Prints what happened, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import server

from pactgraph.app import open_for_writing
from pactgraph.doctor import FAULT, examine
from pactgraph.tokens import Tokens

LEFT = 34 * 1024 * 1024
"""What the ballast leaves: a little more than the ledger keeps free."""
FILLER = 200_000


def large(name):
    """Return facts of some size: random letters do not compress."""
    note = os.urandom(FILLER // 2).hex()
    return server.facts(name) + (
        f'\n<{server.THINGS}{name}> <http://www.w3.org/2004/02/skos/core#altLabel> "{note}"@en .'
    )


def fill(running, token, most=300):
    """Submit until it is refused; return what was acknowledged, and the codes of three refusals."""
    line, kept, codes = running.connect(), [], []
    for number in range(most):
        status, told = server.submit(line, token, large(f"full-{number}"))
        if status == 201:
            kept.append(f"full-{number}")
            continue
        codes.append((status, told.get("code")))
        if len(codes) == 3:
            break
    return kept, codes


def main(folder):
    data = folder / "data"
    open_for_writing(data).close()
    token = Tokens(data).create("client-0", "writer", datetime.now(UTC))
    free = os.statvfs(folder)
    (folder / "ballast").write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - LEFT))
    running = server.Server(data)
    kept, codes = fill(running, token)
    there = running.statements()
    reads = len(running.get("/search?q=Samsung")["results"])
    (folder / "ballast").unlink()
    status, _ = server.submit(running.connect(), token, server.facts("after"))
    running.kill()
    again = server.Server(data)
    later = again.statements()
    again.stop()
    wanted = dict.fromkeys(kept, server.PARTS + 1)
    report = {
        "kept": len(kept),
        "codes": codes,
        "reads": reads,
        "after": status,
        "lost": there != wanted or later != {**wanted, "after": server.PARTS},
        "faults": [str(finding) for finding in examine(data) if finding.level == FAULT],
    }
    sys.stdout.write(json.dumps(report))


main(Path(sys.argv[1]))
