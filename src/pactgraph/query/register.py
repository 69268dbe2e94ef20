"""The queries under way and the latest that ended, each under an id that only its caller knows."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pactgraph.query.cancellation import Cancellation

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_REMEMBERED = 1000
_TEXT = 2000  # how much of a query's text is kept


@dataclass(slots=True, eq=False)
class Query:
    """One query: who asked what when, and what became of it."""

    id: str
    client: str
    text: str
    started_at: datetime
    state: str = "running"
    """``running``, ``done``, or the code of the error that ended it."""
    seconds: float = 0.0
    cancellation: Cancellation = field(default_factory=Cancellation)
    _since: float = field(default_factory=time.monotonic)

    def end(self, state: str) -> None:
        """Note how it ended; only the first word counts.

        What would have cancelled it is forgotten: it holds the whole answer.
        """
        if self.state == "running":
            self.state, self.seconds = state, time.monotonic() - self._since
            self.cancellation.settle()

    @property
    def elapsed(self) -> float:
        """How many seconds it has taken, or took."""
        return self.seconds if self.state != "running" else time.monotonic() - self._since


class QueryRegister:
    """Every query by its id, until newer ones have taken its place; may be used from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queries: OrderedDict[str, Query] = OrderedDict()

    def open(self, text: str, client: str, wanted: str | None = None) -> Query:
        """Enter a query, under the id that the client wants if that is long enough and not taken."""
        with self._lock:
            name = wanted if wanted and _ID.fullmatch(wanted) and wanted not in self._queries else None
            query = Query(name or secrets.token_urlsafe(16), client, text[:_TEXT], datetime.now(UTC))
            self._queries[query.id] = query
            if len(self._queries) > _REMEMBERED:
                self._forget()
        return query

    def find(self, name: str) -> Query | None:
        """Return the query with this id, if it is under way or not long over."""
        with self._lock:
            return self._queries.get(name)

    def running(self) -> list[Query]:
        """Return the queries under way, the oldest first."""
        with self._lock:
            return [query for query in self._queries.values() if query.state == "running"]

    def _forget(self) -> None:
        """Drop the oldest query that has ended; those under way stay."""
        for name, query in self._queries.items():
            if query.state != "running":
                del self._queries[name]
                return
