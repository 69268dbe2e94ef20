"""What the graph says about its own history, in PROV-O (https://www.w3.org/TR/prov-o/)."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad

from pactgraph import vocab
from pactgraph.model import Revision


def describe_revision(revision: Revision, *, added: int, removed: int) -> list[Quad]:
    """Return the quads that describe a revision in the graph of the revisions.

    ``added`` and ``removed`` count the statements of the named graphs, not their copies in the default graph.
    """
    subject = vocab.revision_iri(revision.number)
    statements: list[tuple[NamedNode, NamedNode | Literal]] = [
        (vocab.TYPE, vocab.ACTIVITY),
        (vocab.REVISION_NUMBER, Literal(revision.number)),
        (vocab.ENDED_AT, Literal(revision.ended_at.isoformat(), datatype=vocab.DATE_TIME)),
        (vocab.ASSOCIATED_WITH, NamedNode(revision.agent)),
        (vocab.DESCRIPTION, Literal(revision.message, language="en")),
        (vocab.STATEMENTS_ADDED, Literal(added)),
        (vocab.STATEMENTS_REMOVED, Literal(removed)),
    ]
    return [Quad(subject, predicate, value, vocab.REVISIONS_GRAPH) for predicate, value in statements]


def revision_mark(number: int) -> Quad:
    """Return the quad that says which revision the store holds; there is one of it at a time."""
    return Quad(vocab.REVISIONS_GRAPH, vocab.CURRENT_REVISION, Literal(number), vocab.REVISIONS_GRAPH)
