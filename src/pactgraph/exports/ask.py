"""The one seam to the dataset: query text in, solutions or triples of one revision out.

Another revision is another ``Ask``: whoever has a ``Snapshot`` of it, in a ledger or elsewhere, hands it to
``ask_snapshot``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol

import pyoxigraph as ox

from pactgraph import vocab
from pactgraph.errors import InputError, SyntaxFault
from pactgraph.model import QueryRequest, Snapshot

_IN_MEMORY = 1 << 24

# SELECT gives the engine's solutions, CONSTRUCT and DESCRIBE an iterator of triples
Ask = Callable[[str], Any]

_REVISION = f"""SELECT ?number WHERE {{
  GRAPH <{vocab.REVISIONS_GRAPH.value}> {{ ?graph <{vocab.CURRENT_REVISION.value}> ?number }} }}
  ORDER BY DESC(?number) LIMIT 1"""


class Answered(Protocol):
    """An answer whose bytes arrive while they are read."""

    @property
    def format(self) -> Any:  # noqa: ANN401 — the format table lies in a room beside this one
        """What the bytes are in."""

    @property
    def chunks(self) -> Iterator[bytes]:
        """The bytes."""

    def close(self) -> None:
        """Give up the rest."""


class Runner(Protocol):
    """What runs a query within limits, on workers or on a remote endpoint."""

    def run(self, request: QueryRequest) -> Answered:
        """Start the query."""


def ask_store(store: ox.Store) -> Ask:
    """Return a function that asks a store, without limits: for the queries that ship with pactgraph."""

    def ask(text: str) -> Any:  # noqa: ANN401 — see Ask
        try:
            answer = store.query(text)
        except SyntaxError as error:
            raise SyntaxFault(f"The query does not parse: {error}; correct it", code="query-syntax") from None
        return _no_truth(answer)

    return ask


def ask_snapshot(snapshot: Snapshot) -> Ask:
    """Return a function that asks the dataset of one revision."""
    return ask_store(ox.Store.read_only(str(snapshot.path)))


def ask_runner(
    runner: Runner,
    form_of: Callable[[str], str | None],
    timeout: float | None = None,
    snapshot: Snapshot | None = None,
) -> Ask:
    """Return a function that asks a pool of workers or a remote endpoint; it raises what they raise.

    ``form_of`` tells the form of a query (SELECT, CONSTRUCT …). ``snapshot`` is what the pool
    reads, if not the newest state.
    """

    def ask(text: str) -> Any:  # noqa: ANN401 — see Ask
        is_graph = form_of(text) in {"CONSTRUCT", "DESCRIBE"}
        media_type = "application/n-triples" if is_graph else "text/tab-separated-values"
        # read to its end here: a limit that stops the query must raise, and not look like the end of the
        # answer
        spooled: Any = _Spooled()
        with closing(
            runner.run(QueryRequest(text, media_type=media_type, timeout=timeout, snapshot=snapshot))
        ) as answer:
            for chunk in answer.chunks:
                spooled.write(chunk)
            media_type = answer.format.media_type
        spooled.seek(0)
        if is_graph:
            return iter(ox.parse(spooled, format=ox.RdfFormat.from_media_type(media_type)))
        return _no_truth(
            ox.parse_query_results(spooled, format=ox.QueryResultsFormat.from_media_type(media_type))
        )

    return ask


def revision_of(ask: Ask) -> int | None:
    """Return the number of the revision that is asked, or nothing when the dataset does not say."""
    for row in ask(_REVISION):
        return int(row[0].value)
    return None


def _no_truth(answer: Any) -> Any:  # noqa: ANN401 — any of the engine's three kinds of answer
    if isinstance(answer, ox.QueryBoolean):
        raise InputError("ASK has no rows to export; use SELECT with ?source and ?target, or CONSTRUCT")
    return answer


class _Spooled(io.RawIOBase):
    """A temporary file that closes itself when nobody reads it any more, as solutions outlive the call."""

    def __init__(self) -> None:
        super().__init__()
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 — closed by close

    def write(self, content: Any) -> int:  # noqa: ANN401 — the base class's signature
        return self._file.write(content)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
