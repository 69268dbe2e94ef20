"""Evaluates an update, operation by operation, into the quads that it removes and adds.

The engine does all that has meaning: it finds the solutions of a pattern, by a query on the dataset, and it
fills in the templates, by inserting them into an empty store with the solutions as VALUES; what that store
then holds is what the operation deletes or inserts. So unbound variables, literals as subjects and blank
nodes come out as the engine has them (SPARQL 1.1 Update §4.1.2, §4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_hex
from typing import cast

import pyoxigraph as ox

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.ingest.parser import require_keepable
from pactgraph.ingest.update_operations import (
    ALL,
    DEFAULT,
    NAMED,
    DataOperation,
    GraphOperation,
    Operation,
    PatternOperation,
    Template,
)
from pactgraph.ingest.update_rules import check_graphs, history_is_read_only
from pactgraph.ingest.update_state import MOST_STATEMENTS, GraphName, State, counted, too_many
from pactgraph.ingest.update_texts import checking, filling, inserting, on_terms, row, selecting
from pactgraph.query.evaluation import described_dataset
from pactgraph.terms import Term, skolemized

_BATCH = 5_000
_SHORTEST_QUAD = 6  # characters; so long a template has at most so many quads
_DEFAULT_GRAPH = ox.DefaultGraph()

Quads = set[ox.Quad]


@dataclass(slots=True)
class Evaluation:
    """One update under way.

    Without ``skolem_root`` blank nodes and the terms of RDF 1.2 are kept, as the dataset keeps them, too.
    ``home`` is the graph for what stands outside of any graph. ``placed`` tells whether something was
    inserted there.
    """

    text: str
    state: State
    skolem_root: str | None
    home: ox.NamedNode | None = None
    placed: bool = False
    # Blank nodes of solutions pass through VALUES as IRIs that nobody can guess.
    _disguise: str = field(default_factory=lambda: f"urn:{token_hex(16)}:")
    _has_disguised: bool = False

    def run(self, operations: Iterable[Operation]) -> None:
        """Evaluate the operations, each on the state that those before it leave.

        Raises ``SyntaxFault``, ``QueryRefused``, ``Unsourced`` and ``InputError``.
        """
        for number, operation in enumerate(operations, start=1):
            if self.state.follows:
                check_graphs(operation, has_source=self.home is not None)
            match operation:
                case DataOperation():
                    removed, added = self._data(operation)
                case PatternOperation():
                    removed, added = self._pattern(operation)
                case GraphOperation():
                    removed, added = self._graphs(operation)
            self._require_changeable(removed | added)
            self.state.change(removed, self._named(added, number))

    def _named(self, added: Quads, number: int) -> Quads:
        """Return what an operation adds, with IRIs in the place of blank nodes."""
        if self.skolem_root is None:
            return added
        blank = {quad for quad in added if _has_blank(quad)}
        return (added - blank) | set(skolemized(blank, f"{self.skolem_root}{number}-"))

    def _data(self, operation: DataOperation) -> tuple[Quads, Quads]:
        if operation.deletes:
            self._check(operation)
        store, text = ox.Store(), inserting(self.text, operation)
        with text.faults_told():
            store.update(text.text)
        quads = self._kept(store)
        return (quads, set()) if operation.deletes else (set(), self._noted(quads))

    def _check(self, operation: DataOperation | PatternOperation) -> None:
        text = checking(self.text, operation)
        with text.faults_told():
            ox.Store().update(text.text)

    def _pattern(self, operation: PatternOperation) -> tuple[Quads, Quads]:
        self._check(operation)
        deleted, inserted = ox.Store(), ox.Store()
        filled = [
            (template, store)
            for template, store in ((operation.delete, deleted), (operation.insert, inserted))
            if template is not None
        ]
        for solutions in self._batches(operation, [template for template, _ in filled]):
            for template, store in filled:
                self._fill(store, operation, template, solutions)
                if len(store) > MOST_STATEMENTS:
                    raise too_many()
        removed = self._kept(deleted)
        if self.skolem_root is not None:  # then none is in the dataset
            removed = {quad for quad in removed if not _has_blank(quad)}
        return removed, self._noted(self._kept(inserted))

    def _batches(
        self, operation: PatternOperation, templates: list[Template]
    ) -> Iterator[list[ox.QuerySolution]]:
        """Yield the solutions of the pattern, as many at a time as the templates can be filled in with."""
        variables = dict.fromkeys(name for template in templates for name in template.variables)
        text = selecting(self.text, operation, variables)
        dataset, described = described_dataset(self.state.store(), *_described(operation))
        longest = max(template.span.end - template.span.start for template in templates)
        size = max(1, min(_BATCH, MOST_STATEMENTS * _SHORTEST_QUAD // longest))
        with text.faults_told():
            solutions = cast(ox.QuerySolutions, dataset.query(text.text, **described))
            while batch := list(islice(solutions, size)):
                yield batch

    def _fill(
        self,
        store: ox.Store,
        operation: PatternOperation,
        template: Template,
        solutions: list[ox.QuerySolution],
    ) -> None:
        rows: Iterable[str] = (
            row(self._disguised(solution[name]) for name in template.variables) for solution in solutions
        )
        if not template.blank:  # the same row again makes the same quads again
            rows = dict.fromkeys(rows)
        text = filling(self.text, operation.prologue, template, rows, operation.graph)
        with text.faults_told():
            store.update(text.text)

    def _disguised(self, term: Term | None) -> Term | None:
        if isinstance(term, ox.BlankNode):
            self._has_disguised = True
            return ox.NamedNode(self._disguise + term.value)
        if isinstance(term, ox.Triple):
            if self.skolem_root is None:
                return on_terms(term, self._disguised)
            raise InputError(
                "The update makes a statement about a statement (RDF 1.2 triple term), which is not kept",
                code="not-kept",
            )
        return term

    def _kept(self, store: ox.Store) -> Quads:
        """Return what a filled store holds: blank nodes as such, and what has no graph in its home."""
        quads = {quad for quad in map(self._revealed, counted(store)) if quad is not None}
        try:
            for quad in quads:
                require_keepable(quad.object, everything=self.skolem_root is None)
        except SyntaxError as fault:
            raise InputError(f"The update makes what cannot be kept: {fault.msg}", code="not-kept") from None
        return quads

    def _revealed(self, quad: ox.Quad) -> ox.Quad | None:
        """Undo the disguise; a predicate cannot be a blank node, so that quad is none (§4.2)."""
        if self.home is not None and isinstance(quad.graph_name, ox.DefaultGraph):
            quad = ox.Quad(quad.subject, quad.predicate, quad.object, self.home)
        if not self._has_disguised:
            return quad
        subject, predicate, value, graph = (self._undisguised(term) for term in quad)
        if isinstance(predicate, ox.BlankNode):
            return None
        return ox.Quad(subject, predicate, value, graph)  # type: ignore[arg-type]  # each is what it was

    def _undisguised(self, term: Term | ox.DefaultGraph) -> Term | ox.DefaultGraph:
        if isinstance(term, ox.NamedNode) and term.value.startswith(self._disguise):
            return ox.BlankNode(term.value.removeprefix(self._disguise))
        return on_terms(term, self._undisguised) if isinstance(term, ox.Triple) else term

    def _noted(self, inserted: Quads) -> Quads:
        self.placed = self.placed or any(quad.graph_name == self.home for quad in inserted)
        return inserted

    def _require_changeable(self, quads: Quads) -> None:
        if self.state.follows and any(quad.graph_name == vocab.REVISIONS_GRAPH for quad in quads):
            raise history_is_read_only()

    def _graphs(self, operation: GraphOperation) -> tuple[Quads, Quads]:
        target = _graph_name(operation.target)
        if operation.verb == "CREATE":
            if self.state.holds(target) and not operation.silent:
                raise InputError(
                    f"The graph {target} exists; leave CREATE out, or write SILENT", code="graph-exists"
                )
            return set(), set()
        if operation.destination is None:
            return counted(self._quads_of_all(operation.target)), set()
        return self._transferred(operation, target, _graph_name(operation.destination))

    def _quads_of_all(self, target: str) -> Iterator[ox.Quad]:
        if target in {NAMED, ALL}:
            for name in self.state.source_graphs():
                yield from self.state.quads_of(name)
        if target not in {NAMED, ALL} or (target == ALL and not self.state.follows):
            yield from self.state.quads_of(_graph_name(target))

    def _transferred(
        self, operation: GraphOperation, source: GraphName, destination: GraphName
    ) -> tuple[Quads, Quads]:
        if source == destination:
            return set(), set()
        if not self.state.holds(source):
            if operation.silent:
                return set(), set()
            raise InputError(
                f"There is no graph {source}; check its name, or write SILENT to go on without it",
                code="no-graph",
            )
        moved = counted(self.state.quads_of(source))
        removed = set() if operation.verb == "ADD" else counted(self.state.quads_of(destination))
        if operation.verb == "MOVE":
            removed |= moved
        return removed, {ox.Quad(quad.subject, quad.predicate, quad.object, destination) for quad in moved}


def _described(operation: PatternOperation) -> tuple[list[str] | None, list[str] | None]:
    """Return the dataset of a pattern: USING goes before WITH, which replaces the default graph only."""
    if operation.using is not None:
        return list(operation.using), list(operation.using_named)
    return (None if operation.graph is None else [operation.graph]), None


def _has_blank(quad: ox.Quad) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in quad)


def _graph_name(target: str) -> GraphName:
    """Return the graph; of ALL, which is none, the default graph."""
    return _DEFAULT_GRAPH if target in {DEFAULT, ALL, NAMED} else ox.NamedNode(target)
