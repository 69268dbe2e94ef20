"""The server under test: the real application over real workers, without the rule on sources.

The dataset is replaced for each case, so it is written straight to a store and the pool is moved on to it: in
a served dataset every graph belongs to a source and no blank node is stored. Guard, workers, limits, formats
and HTTP are those that are served.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import uvicorn

from pactgraph import vocab
from pactgraph.config import Limits
from pactgraph.model import Snapshot
from pactgraph.query.pool import QueryPool
from pactgraph.query.reuse import Reuse
from pactgraph.web.application import create_application


class Profile:
    """A service whose dataset can be replaced."""

    def __init__(self, root: Path) -> None:
        self.limits = Limits(timeout=20, workers=1, memory_mb=1024)
        self._root = root
        self._number = 0
        self._held: object = None
        self.pool = QueryPool(
            self._store([]),
            workers=1,
            timeout=20,
            memory_mb=1024,
            prefixes=vocab.prefixes(),
            base=vocab.BASE,
            root=root,
        )
        self.queries = Reuse(self.pool, limit=self.limits.cache_mb * 1024 * 1024)

    @property
    def revision(self) -> int:
        return self._number

    def gauges(self) -> Iterable[tuple[str, str, float]]:
        return ()

    def counters(self) -> Iterable[tuple[str, str, str, dict[str, int]]]:
        return ()

    def hold(self, key: object, quads: Iterable[ox.Quad]) -> None:
        """Hold these quads and no others; the same ``key`` twice in a row changes nothing."""
        if key != self._held:
            self.pool.advance(self._store(quads))
            self._held = key

    def _store(self, quads: Iterable[ox.Quad]) -> Snapshot:
        self._number += 1
        path = self._root / f"{self._number:05}"
        store = ox.Store(path)
        store.bulk_extend(quads)
        store.flush()
        return Snapshot(path, self._number)


@contextmanager
def served(profile: Profile) -> Iterator[str]:
    """Serve a profile on loopback; yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        create_application(profile), http="h11", ws="none", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        profile.pool.close()
        thread.join(10)
