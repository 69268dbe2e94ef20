"""Which graphs an update may write to: never the history, and the default graph only by naming a source.

The default graph follows the graphs of the sources. A triple inserted there would have no source; one deleted
there would come back with the next change to a graph that states it, and would have to vanish from every such
graph at once, behind the backs of their editors. So both are refused, with the way to say what is meant.
"""

from __future__ import annotations

from pactgraph import vocab
from pactgraph.errors import QueryRefused, Unsourced
from pactgraph.ingest.update_operations import (
    DEFAULT,
    DataOperation,
    GraphOperation,
    Operation,
    PatternOperation,
    Template,
)


def check_graphs(operation: Operation, *, has_source: bool) -> None:
    """Refuse an operation that is sure to write where none may.

    Raises ``Unsourced`` for what would be inserted without a graph, ``QueryRefused`` for a deletion from the
    default graph (``default-graph``) and for a change to the history (``read-only-graph``).
    """
    match operation:
        case GraphOperation():
            _check_targets(operation)
        case DataOperation(block=block, deletes=deletes) if not has_source:
            _check_bare(delete=block if deletes else None, insert=None if deletes else block)
        case PatternOperation(delete=delete, insert=insert, graph=None) if not has_source:
            _check_bare(delete=delete, insert=insert)


def _check_bare(*, delete: Template | None, insert: Template | None) -> None:
    if delete is not None and delete.bare:
        raise QueryRefused(
            "The update deletes from the default graph, which only follows the graphs of the sources; "
            "name the graph: DELETE { GRAPH ?g { … } } WHERE { GRAPH ?g { … } }",
            code="default-graph",
        )
    if insert is not None and insert.bare:
        raise Unsourced(
            "The update inserts outside of any graph, and facts without a source are not let in; "
            f"write GRAPH <{vocab.BASE}graph/…> {{ … }} around them, or name their source"
        )


def _check_targets(operation: GraphOperation) -> None:
    written = {operation.destination} if operation.destination is not None else {operation.target}
    if operation.verb == "MOVE":
        written.add(operation.target)
    if operation.verb == "CREATE":
        return
    if DEFAULT in written:
        raise QueryRefused(
            f"{operation.verb} cannot write to the default graph, which only follows the graphs of the "
            "sources; name the graph",
            code="default-graph",
        )
    if vocab.REVISIONS_GRAPH.value in written:
        raise history_is_read_only()


def history_is_read_only() -> QueryRefused:
    """Return the error for a change to what is said of the revisions."""
    return QueryRefused(
        f"{vocab.REVISIONS_GRAPH} is the history and cannot be changed; "
        f"leave it out, in a pattern with FILTER(?g != {vocab.REVISIONS_GRAPH})",
        code="read-only-graph",
    )
