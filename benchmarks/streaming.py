"""What a long answer costs the server: rows streamed to one client, and the server's own memory meanwhile.

    PYTHONPATH=src python benchmarks/streaming.py --rows 5000000 --format csv json --pause 0

Serves the shipped graph and asks for pairs of its statements. With `--pause` the client sleeps so many seconds after
each megabyte. Prints a table in Markdown: megabytes sent, seconds to the first byte and to the last, and the memory of
the server, idle and at most while it sent. Workers, where rows are made, have a limit of their own.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

_PIECE = 1 << 20
_ROWS = {"csv": b"\n", "tsv": b"\n", "json": b'{"o":', "xml": b"<result>"}
_HEADS = {"csv": 1, "tsv": 1}
_SERVE = [
    sys.executable,
    "-m",
    "pactgraph",
    "serve",
    "--port",
    "0",
    "--read-only",
    "--query-timeout",
    "900",
]


def main() -> None:
    """Print the table; exit with 1 when rows are missing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--format", nargs="+", choices=list(_ROWS), default=["csv", "json"])
    parser.add_argument("--pause", type=float, default=0.0)
    chosen = parser.parse_args()
    complete = True
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (process, address):
        print("| format | rows | MB | first byte s | last byte s | idle MB | most MB | more MB |")
        print("|---" + "|--:" * 7 + "|")
        for form in chosen.format:
            memory = Watch(process)
            rows, size, first, last = read(address, form, chosen.rows, chosen.pause)
            most = memory.stop()
            figures = f"{size / 1e6:.0f} | {first:.2f} | {last:.1f} | {memory.idle:.0f} | {most:.0f}"
            print(f"| {form} | {rows:,} | {figures} | {most - memory.idle:.0f} |", flush=True)
            complete = complete and rows == chosen.rows
    sys.exit(0 if complete else 1)


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, str]]:
    """Run the server on the shipped graph; yield its process id and address."""
    command = [*_SERVE, "--data", str(folder / "data")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None  # noqa: S101 - for the type checker
        line = server.stdout.readline()
        yield server.pid, urlsplit(line[line.index("http") :].split()[0]).netloc
    finally:
        server.terminate()
        server.wait()


class Watch:
    """Looks at the memory of a process twenty times a second, in megabytes."""

    def __init__(self, process: int) -> None:
        self._statm = Path(f"/proc/{process}/statm")
        self.idle = self._most = self._now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> float:
        """Return the most there was."""
        self._over.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, self._now())

    def _now(self) -> float:
        return int(self._statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def read(address: str, form: str, rows: int, pause: float) -> tuple[int, int, float, float]:
    """Ask for so many rows; return how many came, in how many bytes, and the seconds to the first and last byte."""
    query = f"SELECT ?o ?p {{ ?a ?b ?o . ?c ?p ?d }} LIMIT {rows}"
    connection = http.client.HTTPConnection(address, timeout=900)
    began = time.monotonic()
    connection.request("GET", f"/sparql?format={form}&query={quote(query)}")
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        raise RuntimeError(answer.read().decode())
    mark, tail, found, size, first = _ROWS[form], b"", -_HEADS.get(form, 0), 0, 0.0
    while piece := answer.read1(_PIECE):
        first = first or time.monotonic() - began
        size += len(piece)
        found += (tail + piece).count(mark)
        tail = piece[-len(mark) + 1 :] if len(mark) > 1 else b""
        time.sleep(pause)
    return found, size, first, time.monotonic() - began


if __name__ == "__main__":
    main()
