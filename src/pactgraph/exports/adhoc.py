"""From any query to a network: rows with ``?source`` and ``?target`` are edges, and so are triples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyoxigraph as ox

from pactgraph.errors import InputError
from pactgraph.exports.ask import Ask, revision_of
from pactgraph.exports.cells import LANGUAGE_TAGS, column_kind, kind_of, text_of
from pactgraph.exports.network import SOURCE, TARGET, Column, Network, Origin
from pactgraph.exports.projection import CLOSING, Projection
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.exports.views import View
from pactgraph.vocab import RDF, RDFS

UNBOUND = "rows without source or target left out"
_CHUNK = 1000
_OWN = frozenset({SOURCE, TARGET, "sourceLabel", "targetLabel", "graph"})
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_LABELS = {f"{_SKOS}prefLabel": "1", f"{RDFS}label": "2"}
_TYPE = f"{RDF}type"


@dataclass(frozen=True, slots=True)
class _Edge:
    """One row or triple on its way: ends, further cells, and the graph or predicate if known."""

    source: Any
    target: Any
    cells: list[str | None]
    graph: str | None = None
    predicate: str | None = None


def query_network(
    text: str,
    ask: Ask,
    context: View,
    prefixes: Mapping[str, str],
    languages: Sequence[str] = ("en",),
    *,
    context_ask: Ask | None = None,
    title: str = "Query",
) -> Network:
    """Return the network of a SELECT with ``?source`` and ``?target``, or of a CONSTRUCT or DESCRIBE.

    ``?sourceLabel`` and ``?targetLabel`` name nodes; ``?graph`` says which graph an edge rests on, else it
    rests on the graphs that join its two ends. Every other variable is an attribute. ``context`` is a view
    whose
    node queries describe the nodes; ``context_ask`` asks them when the query itself has to keep to limits.
    Raises
    ``InputError`` (``not-a-graph``) for a SELECT that lacks a column, with the columns that it lacks.
    """
    projection = Projection(context_ask or ask, prefixes, languages)
    answer = ask(text)
    is_table = isinstance(answer, ox.QuerySolutions)
    names = _attributes([variable.value for variable in answer.variables]) if is_table else ["type", "label"]
    if is_table and "label" not in names:
        names = [*names, "label"]
    projection.read_context(context)
    lost = {LANGUAGE_TAGS: 0, UNBOUND: 0}
    rows: Callable[..., Iterator[_Edge]] = _from_solutions if is_table else _from_triples
    edges = _rows(projection, rows(projection, answer, names, lost))
    sorter = Sorter(2 + len(names) + len(CLOSING))
    sorter.fill(edges)
    columns = (
        Column(SOURCE),
        Column(TARGET),
        *(Column(n, column_kind(projection.kinds.get(n, ()))) for n in names),
        *CLOSING,
    )
    nodes = projection.facts.rows(
        [rule for rule in context.node_columns if rule.name not in {"start", "end"}]
    )
    origin = Origin(
        title=title,
        query=text,
        revision=revision_of(projection.ask),
        newest_source=projection.sources.newest,
        language=",".join(projection.languages),
        constructed=not is_table,
    )
    replaced = {
        **projection.replaced((*columns, *nodes.columns)),
        **{rule: n for rule, n in lost.items() if n},
    }
    return Network(nodes, SortedRows(sorter.finish(distinct=not is_table), columns), True, origin, replaced)


def _attributes(variables: Sequence[str]) -> list[str]:
    missing = [name for name in (SOURCE, TARGET) if name not in variables]
    if missing:
        lacks = " and ".join(f"?{name}" for name in missing)
        has = ", ".join(f"?{name}" for name in variables) or "no columns"
        raise InputError(
            f"The query is no graph: it lacks {lacks} (it has {has}); name the two ends of each edge so",
            code="not-a-graph",
        )
    clash = {column.name for column in CLOSING} & set(variables)
    if clash:
        raise InputError(f"The column ?{min(clash)} is added to every edge; give yours another name")
    return [name for name in variables if name not in _OWN]


def _from_solutions(
    projection: Projection, answer: ox.QuerySolutions, names: Sequence[str], lost: dict[str, int]
) -> Iterator[_Edge]:
    places = {variable.value: place for place, variable in enumerate(answer.variables)}
    source, target, graph = places[SOURCE], places[TARGET], places.get("graph")
    source_name, target_name = places.get("sourceLabel"), places.get("targetLabel")
    kinds = [projection.kinds[name] for name in names]
    columns = [places.get(name) for name in names]
    label, kind = names.index("label"), names.index("type") if "type" in names else None
    for row in answer:
        ends = row[source], row[target]
        if ends[0] is None or ends[1] is None:
            lost[UNBOUND] += 1
            continue
        cells: list[str | None] = []
        for place, seen in zip(columns, kinds, strict=True):
            term = None if place is None else row[place]
            if term is None:
                cells.append(None)
                continue
            if isinstance(term, ox.NamedNode):
                seen.add("text")
                cells.append(term.value)
                continue
            seen.add(kind_of(term))
            cells.append(text_of(term))
            lost[LANGUAGE_TAGS] += bool(getattr(term, "language", None))
        if kind is not None and columns[label] is None and cells[kind]:
            cells[label] = _named(projection, cells[kind])
        for end, name in zip(ends, (source_name, target_name), strict=True):
            if name is not None and row[name] is not None:
                projection.facts.add(projection.facts.identify(end), "label", row[name])
        stated = None if graph is None or row[graph] is None else text_of(row[graph])
        yield _Edge(*ends, cells, graph=stated)


def _named(projection: Projection, kind: str | None) -> str | None:
    return projection.labels.label(kind) if kind and ":" in kind else kind


def _from_triples(
    projection: Projection, answer: Iterable[Any], names: Sequence[str], lost: dict[str, int]
) -> Iterator[_Edge]:
    """Yield an edge for each triple with a resource as object; literals and types describe the subject."""
    del names, lost
    for triple in answer:
        predicate = triple.predicate.value
        if predicate == _TYPE or isinstance(triple.object, ox.Literal):
            name = "label" if predicate in _LABELS else "type" if predicate == _TYPE else predicate
            projection.facts.keep(text_of(triple.subject))
            projection.facts.add(
                text_of(triple.subject), name, triple.object, rank=_LABELS.get(predicate, "0")
            )
            continue
        cells = [projection.labels.curie(predicate), projection.labels.label(predicate)]
        yield _Edge(triple.subject, triple.object, list(cells), predicate=predicate)


def _rows(projection: Projection, edges: Iterator[_Edge]) -> Iterator[list[str | None]]:
    """Yield the rows of the edges with names, sources and whether they are inferred."""
    labels, sources = projection.labels, projection.sources
    identify, keep = projection.facts.identify, projection.facts.keep
    while chunk := list(islice(edges, _CHUNK)):
        projection.facts.flush()
        found = _graphs(projection, [edge for edge in chunk if edge.graph is None])
        for edge in chunk:
            source, target = identify(edge.source), identify(edge.target)
            keep(source)
            keep(target)
            graphs = {edge.graph} if edge.graph else found.get(_key(edge), set())
            inferred = sources.are_inferences(graphs)
            yield [
                source,
                target,
                *edge.cells,
                labels.label(source),
                labels.label(target),
                "true" if inferred else "false",
                *sources.of(graphs),
            ]


def _key(edge: _Edge) -> tuple[str, str, str | None]:
    return (str(edge.source), str(edge.target), edge.predicate)


def _graphs(projection: Projection, edges: Sequence[_Edge]) -> dict[tuple[str, str, str | None], set[str]]:
    """Return which graphs state the triples, or join the two ends by any triple."""
    stated = [
        edge
        for edge in edges
        if isinstance(edge.source, ox.NamedNode) and not isinstance(edge.target, ox.BlankNode)
    ]
    if not stated:
        return {}
    by_predicate = stated[0].predicate is not None
    names = "?source ?predicate ?target" if by_predicate else "?source ?target"
    rows = {
        f"({edge.source} <{edge.predicate}> {edge.target})"
        if by_predicate
        else f"({edge.source} {edge.target})"
        for edge in stated
    }
    query = f"""SELECT DISTINCT ?source ?predicate ?target ?graph WHERE {{
  VALUES ({names}) {{ {" ".join(sorted(rows))} }}
  GRAPH ?graph {{ ?source ?predicate ?target }} }}"""
    found: dict[tuple[str, str, str | None], set[str]] = {}
    for source, predicate, target, graph in projection.ask(query):
        key = (str(source), str(target), text_of(predicate) if by_predicate else None)
        found.setdefault(key, set()).add(text_of(graph))
    return found
