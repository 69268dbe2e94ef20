"""Keeps the default graph the set union of the named graphs, at a cost that follows the change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from pactgraph import vocab
from pactgraph.terms import canonical

_DEFAULT = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Change:
    """What one patch does to the store: quads of named graphs and the default graph, and graphs that end."""

    added: frozenset[Quad]
    removed: frozenset[Quad]
    emptied: frozenset[NamedNode]


def with_union(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads, each with its copy in the default graph; those of the revisions graph without."""
    for quad in quads:
        yield quad
        if quad.graph_name != vocab.REVISIONS_GRAPH:
            yield in_default_graph(quad)


def in_default_graph(quad: Quad) -> Quad:
    """Return the same triple in the default graph."""
    return Quad(quad.subject, quad.predicate, quad.object)


def plan_change(store: Store, added: Iterable[Quad], removed: Iterable[Quad]) -> Change:
    """Return what to add and remove so that the default graph stays the union of the graphs.

    A quad in both is added. Quads that are there already, or not there, do not count. Raises ``ValueError``
    for quads of the default graph, which only follows, and for blank nodes, which have no name to be removed
    by.
    """
    wanted = canonical(check_named(added))
    unwanted = canonical(check_named(removed)) - wanted
    new = {quad for quad in wanted if quad not in store}
    gone = {quad for quad in unwanted if quad in store}
    kept = _copies(wanted)
    lost = {quad for quad in gone if in_default_graph(quad) not in kept and not _is_stated(store, quad, gone)}
    return Change(frozenset(new | _copies(new)), frozenset(gone | _copies(lost)), _emptied(store, new, gone))


def _copies(quads: Iterable[Quad]) -> set[Quad]:
    """Return what the default graph has of these quads: nothing of the revisions graph."""
    return {in_default_graph(quad) for quad in quads if quad.graph_name != vocab.REVISIONS_GRAPH}


def check_named(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads; raises ``ValueError`` for those of the default graph and with blank nodes."""
    for quad in quads:
        if isinstance(quad.graph_name, DefaultGraph):
            raise ValueError(
                f"{quad} is in the default graph, which follows the named graphs; name its graph"
            )
        if any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
            raise ValueError(f"{quad} has a blank node; skolemize it first")
        yield quad


def _is_stated(store: Store, quad: Quad, gone: set[Quad]) -> bool:
    """Whether a graph other than the revisions graph still states the triple once ``gone`` is gone."""
    for other in store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
        if other.graph_name not in {_DEFAULT, vocab.REVISIONS_GRAPH} and other not in gone:
            return True
    return False


def _emptied(store: Store, new: set[Quad], gone: set[Quad]) -> frozenset[NamedNode]:
    """Return the graphs that lose their last quad, so that they are not listed any more."""
    filled = {quad.graph_name for quad in new}
    shrunk = {quad.graph_name for quad in gone if isinstance(quad.graph_name, NamedNode)} - filled
    return frozenset(
        graph
        for graph in shrunk
        if all(quad in gone for quad in store.quads_for_pattern(None, None, None, graph))
    )


def to_update(change: Change) -> str:
    """Return the change as one SPARQL update, which the engine applies as a whole or not at all."""
    return joined(*to_updates(change))


def to_updates(change: Change) -> tuple[str, str]:
    """Return the change as two SPARQL updates, of the default graph and of the named graphs.

    This is the only place that writes SPARQL from terms; the terms come from the engine, which escapes them.
    """
    removed, added = _by_graph(change.removed), _by_graph(change.added)
    default = [_data("DELETE", removed[0]), _data("INSERT", added[0])]
    drops = [f"DROP SILENT GRAPH {graph}" for graph in sorted(change.emptied, key=str)]
    return joined(*default), joined(_data("DELETE", removed[1]), _data("INSERT", added[1]), *drops)


def joined(*updates: str) -> str:
    """Return updates as one, which the engine applies as a whole or not at all.

    >>> joined("CLEAR DEFAULT", "", "CLEAR NAMED")
    'CLEAR DEFAULT ;\\nCLEAR NAMED'
    """
    return " ;\n".join(update for update in updates if update)


def _by_graph(quads: Iterable[Quad]) -> tuple[list[Quad], list[Quad]]:
    """Return those of the default graph, and those of the named graphs."""
    default: list[Quad] = []
    named: list[Quad] = []
    for quad in quads:
        (default if isinstance(quad.graph_name, DefaultGraph) else named).append(quad)
    return default, named


def _data(operation: str, quads: list[Quad]) -> str:
    return f"{operation} DATA {{ {_block(quads)} }}" if quads else ""


def _block(quads: Iterable[Quad]) -> str:
    return "\n".join(chain.from_iterable(_line(quad) for quad in quads))


def _line(quad: Quad) -> Iterator[str]:
    statement = f"{_text(quad.subject)} {quad.predicate} {_text(quad.object)} ."
    yield (
        statement
        if isinstance(quad.graph_name, DefaultGraph)
        else f"GRAPH {quad.graph_name} {{ {statement} }}"
    )


def _text(term: object) -> str:
    """Return a term as SPARQL text; a triple term prints without its brackets."""
    return (
        f"<<( {_text(term.subject)} {term.predicate} {_text(term.object)} )>>"
        if isinstance(term, Triple)
        else str(term)
    )
