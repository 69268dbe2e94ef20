"""The public Python API: open a graph, ask it, hand it to rdflib or pandas.

>>> import pactgraph
>>> with pactgraph.open() as graph:                                         # doctest: +SKIP
...     for row in graph.query("SELECT ?name { ?s skos:prefLabel ?name }"):
...         print(row.name)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import rdflib
from oxrdflib import OxigraphStore

from pactgraph.app import asking, known_author, writing
from pactgraph.config import Limits, default_data
from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.exports.ask import ask_runner, ask_snapshot
from pactgraph.exports.delivery import (
    CONTEXT_VIEW,
    Delivery,
    Wishes,
    deliver_query,
    deliver_view,
    to_networkx,
    to_table,
)
from pactgraph.exports.views import read_views, view_by_name
from pactgraph.ingest.checking import check_files
from pactgraph.ingest.endpoint import fetch_quads
from pactgraph.ingest.patches import read_patch
from pactgraph.ledger import Receipt
from pactgraph.model import QueryRequest
from pactgraph.query.formats import by_name
from pactgraph.query.guard import form_of
from pactgraph.query.remote import QueryRunner, RemoteEndpoint
from pactgraph.remote import Server
from pactgraph.result import Result
from pactgraph.service import Service
from pactgraph.shapes.checking import Base
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.report import Report
from pactgraph.store.directory import is_data_directory
from pactgraph.vocab import prefixes

if TYPE_CHECKING:
    import networkx
    import pandas as pd


def open(
    target: str | Path | None = None,
    *,
    timeout: float | None = None,
    ontology: Path | None = None,
    facts: Path | None = None,
) -> Graph:
    """Open a graph for reading: a data directory, a SPARQL endpoint (an http or https URL), or what is there.

    Without a target: the default data directory (``$PACTGRAPH_DATA`` or ``./pactgraph-data``) if it exists,
    else the shipped graph, in a temporary directory that ``close`` removes. ``timeout`` is the most seconds
    one query may take. ``ontology`` and ``facts`` are other folders than the shipped ones. Raises
    ``DataDirectoryError`` and ``InputError``.
    """
    if isinstance(target, str) and "://" in target:
        return Graph(RemoteEndpoint(target), None, timeout, target=target)
    place = default_data(os.environ) if target is None else Path(target)
    data = place if is_data_directory(place) else None
    if data is None and target is not None:
        message = f"There is no data directory at {place}; make one with `pactgraph serve --data {place}`"
        raise DataDirectoryError(message, code="data-missing")
    limits = Limits(workers=1) if timeout is None else Limits(workers=1, timeout=timeout)

    def reopen(stack: ExitStack) -> Service:
        return stack.enter_context(asking(data, limits, ontology=ontology, facts=facts))

    stack = ExitStack()
    service = reopen(stack)
    return Graph(service.pool, service, timeout, stack, data=data, reopen=reopen)


class Graph:
    """A graph that can be asked. Made by ``open``; to be closed, or used as a context manager."""

    def __init__(
        self,
        runner: QueryRunner,
        service: Service | None,
        timeout: float | None,
        resources: ExitStack | None = None,
        *,
        target: str | None = None,
        data: Path | None = None,
        reopen: Callable[[ExitStack], Service] | None = None,
    ) -> None:
        self._runner = runner
        self._target = target
        self._data = data
        self._reopen = reopen
        self._service = service
        self._timeout = timeout
        self._resources = resources or ExitStack()

    def query(self, text: str) -> Result:
        """Run a query of any form (SPARQL 1.1 Query) and return its whole result.

        Raises ``SyntaxFault`` and ``QueryRefused`` for the query, ``QueryFailed`` when a limit stops it.
        """
        form = form_of(text) or "SELECT"
        wanted = by_name("json" if form in {"SELECT", "ASK"} else "ntriples")
        request = QueryRequest(text, media_type=wanted.media_type, timeout=self._timeout)
        with self._runner.run(request) as answer:
            return Result(answer)

    def networkx(
        self,
        view: str | None = None,
        *,
        query: str | None = None,
        lang: str = "en",
        at: str | int | None = None,
    ) -> networkx.MultiDiGraph[str]:
        """Return a view, or the answer to a query, as a networkx ``MultiDiGraph``.

        Nodes are IRIs with ``label``, ``type`` and what the view tells of them; every edge has ``sources``.
        ``graph.graph`` says revision, counts and licence. ``lang`` names the languages of labels, the one
        wanted most first (``"ko,en"``). A query selects ``?source`` and ``?target``, or constructs triples.
        ``at`` is a revision or a date, before the first of which the network is empty.
        Raises ``InputError`` for an unknown view and for a query that is no graph.
        """
        delivery = self._deliver(view, query, lang, at)
        return to_networkx(delivery.network, delivery.about)

    def frame(
        self,
        view: str | None = None,
        *,
        query: str | None = None,
        lang: str = "en",
        nodes: bool = False,
        at: str | int | None = None,
    ) -> pd.DataFrame:
        """Return the edges of a view or query (or with ``nodes=True`` its nodes) as a pandas DataFrame.

        Raises ``InputError`` as ``networkx`` does, and when pandas is not installed.
        """
        try:
            import pandas as _  # noqa: PLC0415, F401 — an optional dependency, needed only here
        except ImportError:
            raise InputError(
                "frame() needs pandas; install it with: pip install 'pactgraph[frame]'"
            ) from None
        frame: pd.DataFrame = to_table(self._deliver(view, query, lang, at).network, nodes=nodes).to_pandas()
        return frame

    def _deliver(
        self, view: str | None, query: str | None, lang: str, at: str | int | None = None
    ) -> Delivery:
        if (view is None) == (query is None):
            raise InputError("Give the name of a view, or query='SELECT …'")
        views, when = read_views(), None if at is None else str(at)
        if self._service is None:
            remote = RemoteEndpoint(str(self._target), at=when)
            limited = trusted = ask_runner(remote, form_of, self._timeout)
        else:
            snapshot = self._service.state(when)
            limited = ask_runner(self._runner, form_of, self._timeout, snapshot)
            trusted = ask_snapshot(snapshot)
        wishes = Wishes(tuple(part.strip() for part in lang.split(",") if part.strip()))
        if query is not None:
            return deliver_query(query, limited, views[CONTEXT_VIEW], prefixes(), wishes, context_ask=trusted)
        return deliver_view(view_by_name(str(view), views), trusted, prefixes(), wishes)

    def check(self, *files: str | Path, source: str | None = None) -> Report:
        """Say whether the facts in these files would be let in; nothing is written.

        The state after them is judged, and what they bring is reported: ``report.conforms``,
        ``report.results``, ``print(report.to_text())``. ``source`` is the IRI of the source of what
        stands outside any graph. Raises ``InputError`` and ``SyntaxFault`` for files that cannot be read.
        """
        base: Base
        if self._service is None:
            base = graph_of(fetch_quads(str(self._target)))
        else:
            base = ox.Store.read_only(str(self._service.pool.snapshot.path))
        return check_files(base, [str(file) for file in files], source)

    def commit(
        self,
        *files: str | Path,
        message: str,
        source: str | None = None,
        remove: Iterable[str | Path] = (),
        author: str | None = None,
        token: str | None = None,
    ) -> Receipt:
        """Let the facts in these files in as one revision, with all of it or nothing; the graph then has it.

        ``remove`` are files of statements to take out; ``source`` is the IRI of the source of what stands
        outside any graph; ``author`` is the login name unless given. On a server the ``token`` (or
        ``$PACTGRAPH_TOKEN``) says who writes. Raises ``Refused`` with a ``report`` when the facts do not
        conform, ``InputError`` for what cannot be read and for the shipped graph (no data directory),
        and ``DataDirectoryError`` when another process has the directory open.
        """
        patch = read_patch(files, remove, source=source)
        if self._target is not None:
            server = Server(self._target, token or os.environ.get("PACTGRAPH_TOKEN"))
            answer = server.submit(patch, message=message)
            return Receipt(answer.revision, answer.count("added"), answer.count("removed"))
        if self._data is None or self._reopen is None:
            raise InputError(
                "The shipped graph cannot be written to; open a data directory made by `pactgraph serve`"
            )
        self.close()  # readers and the one writer do not share the directory
        try:
            with writing(self._data) as ledger:
                return ledger.commit(patch, author=known_author(author), message=message)
        finally:
            self._service = self._reopen(self._resources)
            self._runner = self._service.pool

    def rdflib(self) -> rdflib.Dataset:
        """Return a read-only rdflib ``Dataset`` over the same store; its default graph is the union.

        It reads the store directly: queries through it know no time or memory limit, and writing to it raises
        ``RuntimeError``. It must not be used after ``close``. Raises ``InputError`` for a remote graph.
        """
        if self._service is None:
            raise InputError("A remote graph has no rdflib view; query it, or open a data directory")
        store = ox.Store.read_only(str(self._service.pool.snapshot.path))
        return rdflib.Dataset(store=OxigraphStore(store=store))

    def close(self) -> None:
        """End the workers and let go of the data directory. May be called more than once."""
        self._resources.close()

    def __enter__(self) -> Graph:
        """Return itself; to be used in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
