"""What a revision, or the way from one to another, added and took out, as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Quad

from pactgraph.cli.naming import Names
from pactgraph.terms import sort_key


def patch_lines(added: Iterable[Quad], removed: Iterable[Quad], names: Names) -> Iterator[str]:
    """Yield the statements under their graphs: ``D`` for those taken out, ``A`` for those added."""
    signed = [(quad, "D") for quad in removed] + [(quad, "A") for quad in added]
    graph = None
    for quad, sign in sorted(signed, key=lambda each: (str(each[0].graph_name), sort_key(each[0]), each[1])):
        if quad.graph_name != graph:
            graph = quad.graph_name
            yield ""
            yield names.long(graph)
        yield f"  {sign} {names.long(quad.subject)}  {names.short(quad.predicate)}  {names.long(quad.object)}"
