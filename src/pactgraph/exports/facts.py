"""The nodes of a network: facts about them, one a row, folded into one row per node."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from pactgraph.errors import InputError
from pactgraph.exports.ask import Ask
from pactgraph.exports.cells import column_kind, kind_of, text_of
from pactgraph.exports.dates import finest
from pactgraph.exports.evidence import SEPARATOR
from pactgraph.exports.names import Labels
from pactgraph.exports.network import NODE_ID, Column, Kind
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.exports.spool import Spool
from pactgraph.exports.views import Rule
from pactgraph.vocab import GENID, RDFS

_FACTS, _KEPT, _IDS = "facts", "kept", "ids"
_REMEMBERED = 200_000
_MOST_COLUMNS = 1000
_LITERAL = f"{RDFS}Literal"


class Facts:
    """What is known of nodes, in a spool."""

    def __init__(self, spool: Spool, labels: Labels) -> None:
        self._spool = spool
        self._labels = labels
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self._seen_literals: set[str] = set()
        self._waiting: list[tuple[str, str, str]] = []
        self._named: list[tuple[str, str, str, str]] = []
        self._kept: list[tuple[str]] = []
        self._known: set[str] = set()
        spool.fill(_FACTS, 3, [])
        spool.fill(_KEPT, 1, [])

    def read(self, ask: Ask, query: str) -> None:
        """Take facts from a query with ``?id``, ``?name`` and ``?value``."""
        for identifier, name, value in ask(query):
            if identifier is not None and name is not None and value is not None:
                self.add(text_of(identifier), text_of(name), value)
        self.flush()

    def add(self, identifier: str, name: str, value: Any, *, rank: str = "0") -> None:  # noqa: ANN401 — any term
        """Take one fact; one called ``label`` becomes a name of the node, before those of the dataset."""
        language = getattr(value, "language", None) or ""
        text = text_of(value)
        if name == "label":
            self._named.append((identifier, text, language, rank))
        else:
            name = f"{self._labels.curie(name)}@{language}" if language else self._labels.curie(name)
            self._kinds[name].add(kind_of(value))
            self._waiting.append((identifier, name, text))
        if len(self._waiting) + len(self._named) + len(self._kept) > 10_000:
            self.flush()

    def keep(self, identifier: str) -> None:
        """Have a node in the network: an end of an edge, or one without edges."""
        if identifier in self._known:
            return
        if len(self._known) == _REMEMBERED:
            self._known.clear()  # the table may hold a node twice
        self._known.add(identifier)
        self._kept.append((identifier,))

    def identify(self, term: Any) -> str:  # noqa: ANN401 — any term of the engine
        """Return the id of a term as a node; a literal becomes a node of its own, and its text the label."""
        if not isinstance(term, ox.Literal):
            return text_of(term)
        identifier = f"{GENID}literal-{hashlib.sha256(str(term).encode()).hexdigest()[:32]}"
        if identifier not in self._seen_literals:
            self._seen_literals.add(identifier)
            self.add(identifier, "label", term)
            self.add(identifier, "type", ox.NamedNode(_LITERAL))
        return identifier

    def flush(self) -> None:
        """Write what waits to the spool."""
        self._spool.fill(_FACTS, 3, self._waiting)
        self._labels.take(self._named)
        self._spool.fill(_KEPT, 1, self._kept)
        self._waiting, self._named, self._kept = [], [], []

    def rows(self, rules: Sequence[Rule]) -> SortedRows:
        """Return one row per node that is kept, with what is known of it."""
        self.flush()
        self._spool.run(f"CREATE TABLE {_IDS} AS SELECT DISTINCT c0 FROM {_KEPT}")  # noqa: S608 — names are the code's own
        self._spool.run(f"CREATE INDEX facts_by_id ON {_FACTS} (c0)")
        ruled = {rule.variable for rule in rules}
        loose = sorted(name for name in self._kinds if name not in ruled)
        kinds: dict[str, set[str]] = {name: set(self._kinds[name]) for name in loose}
        width = 1 + len(rules) + len(loose)
        if width > _MOST_COLUMNS:
            raise InputError(f"{width} columns are too many; export with a query that selects fewer")
        sorter = Sorter(width)
        sorter.fill(self._folded(rules, loose, kinds))
        columns = [Column(rule.name, kind_of_rule(rule)) for rule in rules]
        columns += [Column(name, column_kind(kinds[name])) for name in loose]
        return SortedRows(sorter.finish(), (Column(NODE_ID), *columns))

    def _folded(
        self, rules: Sequence[Rule], loose: Sequence[str], kinds: dict[str, set[str]]
    ) -> Iterator[list[str | None]]:
        cursor = self._spool.run(
            f"SELECT i.c0, f.c1, f.c2 FROM {_IDS} i LEFT JOIN {_FACTS} f ON f.c0 = i.c0 ORDER BY 1, 2, 3"  # noqa: S608 — as above
        )
        for identifier, group in groupby(cursor, key=lambda row: row[0]):
            values: dict[str, list[str]] = defaultdict(list)
            for _, name, value in group:
                if name is not None and (not values[name] or values[name][-1] != value):
                    values[name].append(value)
            cells = [folded(rule, values.get(rule.variable, []), self._labels, identifier) for rule in rules]
            for name in loose:
                if len(values.get(name, ())) > 1:
                    kinds[name].add("text")
                cells.append(SEPARATOR.join(values[name]) if values.get(name) else None)
            yield [identifier, *cells]


def folded(rule: Rule, values: Sequence[str], labels: Labels, identifier: str = "") -> str | None:
    """Return the one cell that a rule makes of several values, as text."""
    if rule.verb == "label":
        return labels.label(identifier)
    if rule.verb == "count":
        return str(len(set(values)))
    if rule.verb == "given":
        return "true" if values else "false"
    if not values:
        return None
    if rule.verb in {"earliest", "latest"}:
        return finest(values)[0 if rule.verb == "earliest" else -1]
    shown = {"names": labels.label, "types": labels.curie}.get(rule.verb, str)
    return SEPARATOR.join(sorted({shown(value) for value in values}))


def kind_of_rule(rule: Rule) -> Kind:
    """Return the kind of column that a rule makes, whatever the values."""
    kinds: dict[str, Kind] = {"count": "integer", "given": "boolean", "earliest": "date", "latest": "date"}
    return kinds.get(rule.verb, "text")
