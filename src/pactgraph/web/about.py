"""Which queries ask about the dataset itself: those that name a term in which it is described.

The default graph is the union of what the sources state, the ontology and the topics, and counts are right.
So the description stands in it only for queries that ask for it, by a term of VoID, of its extension, of the
service description or of SHACL; no fact uses one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pactgraph import vocab
from pactgraph.web.inventory import GRAPH
from pactgraph.web.namespaces import SD, SH, VOID, VOID_EXT

_SPACES = (VOID, VOID_EXT, SD, SH)
# A cheap look that spares nearly every query the rest.
_HINT = re.compile(
    "|".join([*map(re.escape, (*_SPACES, GRAPH.value)), r"^(?:void|sd|sh):", r"^graph:description$"]), re.M
)


def asks_about_dataset(normalised: str) -> bool:
    r"""Say whether a query, one token a line, names such a term or the graph of the description.

    A prefix that is declared and not used does not count.

    >>> asks_about_dataset("PREFIX\nv:\n<http://rdfs.org/ns/void#>\nASK\n{\n?d\na\nv:Dataset\n}")
    True
    >>> asks_about_dataset("PREFIX\nv:\n<http://rdfs.org/ns/void#>\nASK\n{\n}")
    False
    """
    return bool(_HINT.search(normalised)) and any(map(_describes, _iris(normalised)))


def _describes(iri: str) -> bool:
    return iri.startswith(_SPACES) or iri == GRAPH.value


def _iris(normalised: str) -> Iterator[str]:
    """Yield the IRIs that a query names outside of its declarations."""
    spaces = {f"{name}:": space for name, space in vocab.prefixes().items()}
    before = declared = ""
    for token in normalised.split("\n"):
        if declared:
            spaces[declared], declared = token[1:-1], ""
        elif before.upper() == "PREFIX":
            declared = token
        elif token.startswith("<"):
            yield token[1:-1]
        else:
            prefix, _, local = token.partition(":")
            yield spaces.get(f"{prefix}:", "") + local if local else ""
        before = token
