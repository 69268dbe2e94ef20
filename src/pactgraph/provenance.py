"""What the graph says about its own history, in PROV-O (https://www.w3.org/TR/prov-o/)."""

from __future__ import annotations

from urllib.parse import quote

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


def author_iri(name: str) -> str:
    """Return the IRI of the author of a revision: an IRI as it is, a name under the base.

    >>> author_iri("ann lee")
    'https://w3id.org/eukdp/id/agent/ann%20lee'
    >>> author_iri("http://no iri")
    'https://w3id.org/eukdp/id/agent/http%3A%2F%2Fno%20iri'
    """
    if "://" in name:
        try:
            return str(NamedNode(name).value)
        except ValueError:  # only looks like one; a name that the store cannot take would end the ledger
            pass
    return f"{vocab.BASE}id/agent/{quote(name, safe='')}"


def revision_mark(number: int) -> Quad:
    """Return the quad that says which revision the store holds; there is one of it at a time."""
    return Quad(vocab.REVISIONS_GRAPH, vocab.CURRENT_REVISION, Literal(number), vocab.REVISIONS_GRAPH)
