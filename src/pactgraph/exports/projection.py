"""From a view to a network: ask its queries, fold the evidence of each edge into one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import pyoxigraph as ox

from pactgraph.exports.ask import Ask, revision_of
from pactgraph.exports.cells import LONE_SURROGATES, MIXED, column_kind, kind_of, text_of
from pactgraph.exports.evidence import Piece, Sources
from pactgraph.exports.facts import Facts, folded, kind_of_rule
from pactgraph.exports.names import Labels
from pactgraph.exports.network import Column, Kind, Network, Origin
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.exports.spool import Spool
from pactgraph.exports.views import View, query_text

RAW = "raw"
CLOSING = (
    Column("source_label"),
    Column("target_label"),
    Column("inferred", "boolean"),
    Column("sources"),
    Column("source_titles"),
)
_LITERAL_PARTS = ("value", "datatype", "language")


class Projection:
    """What a view or a query needs while it becomes a network: names, sources, and facts about nodes."""

    def __init__(self, ask: Ask, prefixes: Mapping[str, str], languages: Sequence[str]) -> None:
        self.ask = ask
        self.languages = tuple(languages) or ("en",)
        self.spool = Spool()
        self.labels = Labels(self.spool, prefixes, self.languages)
        self.sources = Sources()
        self.facts = Facts(self.spool, self.labels)
        self.kinds: dict[str, set[str]] = defaultdict(set)

    def read_context(self, view: View) -> None:
        """Read names, sources and facts with the queries of a view."""
        self.labels.read(self.ask, view.labels)
        self.sources.read(self.ask, view.sources)
        for query in view.nodes:
            self.facts.read(self.ask, query)

    def replaced(self, columns: Sequence[Column]) -> dict[str, int]:
        """Return what could not be kept as it was."""
        mixed = sum(
            1 for column in columns if column.kind == "text" and len(self.kinds.get(column.name, ())) > 1
        )
        found = {LONE_SURROGATES: self.spool.surrogates, MIXED: mixed}
        return {rule: count for rule, count in found.items() if count}


def view_network(
    view: View, ask: Ask, prefixes: Mapping[str, str], languages: Sequence[str] = ("en",)
) -> Network:
    """Return the network of a view, at the revision that ``ask`` asks.

    A view with nothing in it is an empty network.
    """
    projection = Projection(ask, prefixes, languages)
    projection.read_context(view)
    variables = _variables(view)
    for query in view.edges:
        projection.spool.fill(RAW, len(variables), _raw(projection, query, variables))
    projection.facts.flush()
    width = 4 + len(view.columns) + len(CLOSING)
    sorter = Sorter(width)
    sorter.fill(_folded(projection, view, variables))
    if view.isolated is not None:
        for row in ask(view.isolated):
            projection.facts.keep(text_of(row[0]))
    columns = (*map(Column, ("source", "target", "type", "label")), *_columns(projection, view), *CLOSING)
    shown = tuple(rule for rule in view.node_columns if _can_have(view, rule.variable))
    nodes = projection.facts.rows(shown)
    origin = Origin(
        title=view.title,
        description=view.description,
        view=view.name,
        query=query_text(view),
        revision=revision_of(ask),
        newest_source=projection.sources.newest,
        language=",".join(projection.languages),
    )
    edges = SortedRows(sorter.finish(), columns)
    return Network(nodes, edges, view.directed, origin, projection.replaced(nodes.columns))


def _variables(view: View) -> list[str]:
    wanted = [*view.key, *(rule.variable for rule in view.columns), "leg", "graph"]
    return list(dict.fromkeys([*wanted, *([view.unit] if view.unit else [])]))


def _raw(projection: Projection, query: str, variables: Sequence[str]) -> Iterator[list[str | None]]:
    """Yield the solutions of an edge query as text, in the order of ``variables``."""
    solutions = projection.ask(query)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 — view files are SELECT
    places = {variable.value: place for place, variable in enumerate(solutions.variables)}
    for row in solutions:
        cells: list[str | None] = []
        target = row[places["target"]]
        for name in variables:
            term = row[places[name]] if name in places else _part(target, name)
            if name in {"source", "target"}:
                cells.append(projection.facts.identify(term))
            elif term is None:
                cells.append(None)
            else:
                projection.kinds[name].add(kind_of(term))
                cells.append(text_of(term))
        yield cells


def _part(target: object, name: str) -> ox.Literal | ox.NamedNode | None:
    """Return the value, datatype or language of a literal target, for columns of that name."""
    if not isinstance(target, ox.Literal) or name not in _LITERAL_PARTS:
        return None
    if name == "language":
        return ox.Literal(target.language) if target.language else None
    return ox.Literal(target.value) if name == "value" else target.datatype


def _folded(projection: Projection, view: View, variables: Sequence[str]) -> Iterator[list[str | None]]:
    labels, sources = projection.labels, projection.sources
    places = {name: place for place, name in enumerate(variables)}
    keys = [places[name] for name in view.key]
    order = ", ".join(f"c{place}" for place in range(len(variables)))
    cursor = projection.spool.run(f"SELECT DISTINCT {order} FROM {RAW} ORDER BY {order}")  # noqa: S608 — the code's own names
    for _, group in groupby(cursor, key=lambda row: [row[place] for place in keys]):
        rows = list(group)
        first = rows[0]
        source, target, kind = (first[places[name]] for name in ("source", "target", "type"))
        cells = []
        for rule in view.columns:
            values = sorted({row[places[rule.variable]] for row in rows} - {None})
            if rule.verb == "join" and len(values) > 1:
                projection.kinds[rule.variable].add("text")
            cells.append(folded(rule, values, labels))
        pieces = [_piece(row, places, view.unit) for row in rows]
        projection.facts.keep(source)
        projection.facts.keep(target)
        graphs = {piece.graph for piece in pieces if piece.graph}
        yield [
            source,
            target,
            labels.curie(kind),
            labels.label(kind) if ":" in kind else kind,
            *cells,
            labels.label(source),
            labels.label(target),
            "true" if sources.is_inferred(pieces) else "false",
            *sources.of(graphs),
        ]


def _piece(row: Sequence[str | None], places: Mapping[str, int], unit: str | None) -> Piece:
    return Piece(row[places[unit]] if unit else None, row[places["leg"]], row[places["graph"]])


def _columns(projection: Projection, view: View) -> list[Column]:
    def kind(name: str, verb: str, ruled: Kind) -> Kind:
        return column_kind(projection.kinds.get(name, ())) if verb == "join" else ruled

    return [Column(rule.name, kind(rule.variable, rule.verb, kind_of_rule(rule))) for rule in view.columns]


def _can_have(view: View, variable: str) -> bool:
    """Whether the queries of a view can tell this of a node; names and kinds are told of every node."""
    return variable in {"label", "type"} or any(f'"{variable}"' in query for query in view.nodes)
