"""The shipped ontology and facts, as the first revision of a new data directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from pactgraph import vocab
from pactgraph.errors import SyntaxFault, Unsourced
from pactgraph.model import Revision
from pactgraph.provenance import describe_revision
from pactgraph.terms import canonical, skolemized

AGENT = NamedNode(f"{vocab.BASE}id/agent/pactgraph")
PREFIX_FILE = "prefixes.ttl"

# Where each ontology file goes: the IRI of the owl:Ontology or skos:ConceptScheme that it declares.
GRAPH_OF_FILE = {
    "pact.ttl": vocab.ONTOLOGY_GRAPH,
    "topics.ttl": vocab.TOPIC_GRAPH,
    "codes.ttl": vocab.CODE_GRAPH,  # several schemes, one graph
    "alignments.ttl": vocab.ALIGNMENTS_GRAPH,
}


def read_seed(ontology: Path, facts: Path) -> set[Quad]:
    """Return the quads of the shipped files: facts in the graphs they name, ontology by table.

    The same files give the same quads, skolem IRIs included. Raises ``SyntaxFault`` for a file that does not
    parse and ``Unsourced`` for a statement that no named graph holds.
    """
    files = [path for path in sorted(ontology.glob("*.ttl")) if path.name != PREFIX_FILE]
    quads = [quad for path in files for quad in _read(path, RdfFormat.TURTLE, _graph_of(path))]
    quads += [quad for path in sorted(facts.glob("*.trig")) for quad in _read(path, RdfFormat.TRIG, None)]
    return canonical(quads)


def describe_seed(quads: Iterable[Quad], now: datetime | None = None) -> list[Quad]:
    """Return the description of revision 1, which added these quads."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    revision = Revision(1, AGENT.value, moment, "The shipped ontology, topics and facts")
    label = Literal("pactgraph", language="en")
    return [
        *describe_revision(revision, added=sum(1 for _ in quads), removed=0),
        Quad(AGENT, vocab.TYPE, vocab.SOFTWARE_AGENT, vocab.REVISIONS_GRAPH),
        Quad(AGENT, vocab.LABEL, label, vocab.REVISIONS_GRAPH),
    ]


def _graph_of(path: Path) -> NamedNode:
    try:
        return GRAPH_OF_FILE[path.name]
    except KeyError:
        raise Unsourced(
            f"{path.name} has no graph; add it to GRAPH_OF_FILE or take it out of the folder"
        ) from None


def _read(path: Path, form: RdfFormat, graph: NamedNode | None) -> Iterator[Quad]:
    """Yield the quads of one file, without blank nodes; ``graph`` is where a Turtle file goes."""
    try:
        for quad in skolemized(parse(path=path, format=form), f"{vocab.GENID}{path.stem}-"):
            home = graph or quad.graph_name
            if isinstance(home, DefaultGraph):
                raise Unsourced(
                    f"{path.name} has a statement outside of any graph: {quad}; put it in its source's graph"
                )
            yield Quad(quad.subject, quad.predicate, quad.object, home)
    except SyntaxError as fault:
        raise SyntaxFault(f"{path.name} does not parse: {fault}; correct the file") from None
