"""What a query gives back: rows and graphs in rdflib's terms, tables in pandas'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import rdflib
from rdflib.query import ResultRow
from rdflib.term import BNode, Identifier, Literal, URIRef, Variable

from pactgraph.errors import InputError, PactgraphError
from pactgraph.query.answer import Answer

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """The result of one query.

    SELECT: rows of rdflib terms, by position, by name (``row.name``) or by variable; ``vars`` are the
    variables. ASK: the answer is ``bool(result)``. CONSTRUCT and DESCRIBE: an rdflib graph, ``graph``, whose
    triples it iterates.
    """

    def __init__(self, answer: Answer) -> None:
        self.form = answer.form
        self.vars: list[Variable] = []
        self._rows: list[ResultRow] = []
        self._graph: rdflib.Graph | None = None
        self._truth: bool | None = None
        payload = answer.read()
        try:
            if answer.format.kind == "graph":
                self._graph = _read_graph(payload, answer.format.media_type)
            else:
                self._read_bindings(payload, answer.format.media_type)
        except (SyntaxError, ValueError) as error:
            message = (
                f"The answer does not parse as {answer.format.media_type} ({error}); ask another endpoint"
            )
            raise PactgraphError(message, code="bad-answer") from None

    def _read_bindings(self, payload: bytes, media_type: str) -> None:
        results = ox.parse_query_results(payload, format=ox.QueryResultsFormat.from_media_type(media_type))
        if isinstance(results, ox.QueryBoolean):
            self._truth = bool(results)
            return
        self.vars = [Variable(variable.value) for variable in results.variables]
        for solution in results:
            values = {name: to_rdflib(term) for name, term in zip(self.vars, solution, strict=True) if term}
            self._rows.append(ResultRow(values, self.vars))

    @property
    def graph(self) -> rdflib.Graph:
        """The graph that CONSTRUCT or DESCRIBE made; raises ``InputError`` for other query forms."""
        if self._graph is None:
            raise InputError(f"A query of the form {self.form} has no graph; use CONSTRUCT or DESCRIBE")
        return self._graph

    def frame(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame: literals as Python values, IRIs as text, unbound ``None``.

        Raises ``InputError`` when pandas is not installed or the query is no SELECT.
        """
        if self.form != "SELECT":
            raise InputError(f"A query of the form {self.form} has no rows; use SELECT")
        try:
            import pandas as pd  # noqa: PLC0415 — an optional dependency, needed only here
        except ImportError:
            raise InputError(
                "frame() needs pandas; install it with: pip install 'pactgraph[frame]'"
            ) from None
        names = [str(variable) for variable in self.vars]
        values = [[_to_python(term) for term in row] for row in self._rows]
        return pd.DataFrame(values, columns=names)

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows, or the triples of the graph."""
        return iter(self._rows if self._graph is None else self._graph)

    def __len__(self) -> int:
        """Count the rows, or the triples of the graph."""
        return len(self._rows) if self._graph is None else len(self._graph)

    def __bool__(self) -> bool:
        """Return the answer to an ASK; of other forms, whether anything was found."""
        return len(self) > 0 if self._truth is None else self._truth

    def __repr__(self) -> str:
        """Describe the result in one line."""
        if self._truth is not None:
            return f"<Result ASK {self._truth}>"
        return f"<Result {self.form}, {len(self)} {'rows' if self._graph is None else 'triples'}>"


def _read_graph(payload: bytes, media_type: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    for quad in ox.parse(payload, format=ox.RdfFormat.from_media_type(media_type)):
        graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Identifier:
    """Return the rdflib term for a term of the engine, lexical form untouched.

    Raises ``ValueError`` for a triple term (RDF 1.2), which rdflib does not have.
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        return Literal(term.value, datatype=_datatype(term), normalize=False)
    raise ValueError("rdflib has no triple terms; ask for their parts with SUBJECT, PREDICATE and OBJECT")


def _datatype(literal: ox.Literal) -> URIRef | None:
    """Plain strings have no datatype in rdflib."""
    iri = literal.datatype.value
    return None if iri == "http://www.w3.org/2001/XMLSchema#string" else URIRef(iri)


def _to_python(term: Identifier | None) -> object:
    if isinstance(term, Literal):
        return term.toPython() if not isinstance(term.toPython(), Literal) else str(term)
    return None if term is None else str(term)
