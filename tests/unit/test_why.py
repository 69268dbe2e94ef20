"""Why: the graphs behind a statement, their sources, and the revision with which it came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph.journal import Entry, Heading
from pactgraph.why import why

BASE = "https://w3id.org/eukdp/"
S, P, Q = (NamedNode(f"http://example.org/{name}") for name in "spq")
G, H = NamedNode(f"{BASE}graph/g"), NamedNode(f"{BASE}graph/h")
PRIMARY = NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
TITLE = NamedNode("http://purl.org/dc/terms/title")
GRADE = NamedNode(f"{BASE}ontology#grade")
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
SOURCE = NamedNode(f"{BASE}source/g")


class Held:
    def __init__(self, *quads):
        self._store = Store()
        for quad in quads:
            self._store.add(quad)
            self._store.add(Quad(*quad.triple))

    def quads(self, subject=None, predicate=None, value=None, graph=None):
        return self._store.quads_for_pattern(subject, predicate, value, graph)


class Journal:
    """Revisions as sets of what they added and removed; says which it was asked to read."""

    def __init__(self, *revisions):
        self._entries = [
            Entry(number, datetime(2026, 1, number, tzinfo=UTC), f"author {number}", "why", added, removed)
            for number, (added, removed) in enumerate(revisions, start=1)
        ]
        self.read_numbers = []

    def headings(self, *, iri=None, limit=100, before=None):
        touched = [
            entry
            for entry in self._entries
            if any(iri in {quad.subject.value} for quad in (*entry.added, *entry.removed))
        ]
        return [
            Heading(entry.number, entry.ended_at, entry.author, entry.message, 0, 0, "")
            for entry in reversed(touched)
        ]

    def read(self, number):
        self.read_numbers.append(number)
        return self._entries[number - 1]


def statement(value, graph=G, predicate=P):
    return Quad(S, predicate, Literal(value), graph)


def test_each_graph_that_states_it_is_a_support():
    held = Held(statement(1), statement(1, H), statement(2), statement(1, predicate=Q))
    found = why(held, None, S, P, Literal(1))
    assert [each.statement.graph_name for each in found] == [G, H]
    assert [each.revision for each in found] == [None, None]
    assert len(why(held, None, S, P)) == 3
    assert len(why(held, None, S)) == 4
    assert why(held, None, Q) == []


def test_what_the_history_says_is_no_source():
    assert why(Held(statement(1, NamedNode(f"{BASE}graph/revisions"))), None, S) == []


def test_sources_are_told_with_labels_in_english_first():
    grade = NamedNode(f"{BASE}code/grade/primary")
    held = Held(
        statement(1),
        Quad(G, PRIMARY, SOURCE, G),
        Quad(SOURCE, TITLE, Literal("제목", language="ko"), G),
        Quad(SOURCE, TITLE, Literal("title", language="en"), G),
        Quad(SOURCE, GRADE, grade, G),
        Quad(grade, LABEL, Literal("primary source", language="en"), H),
    )
    (support,) = why(held, None, S)
    (source,) = support.sources
    assert (source.iri, source.title, source.publisher) == (SOURCE.value, "title", None)
    assert source.grade == "primary source"
    assert not support.inferred


def test_an_inference_has_its_sources_and_its_reason():
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    held = Held(
        statement(1),
        Quad(G, kind, NamedNode(f"{BASE}ontology#InferenceGraph"), G),
        Quad(G, NamedNode(f"{BASE}ontology#inferenceReason"), Literal("by elimination"), G),
        Quad(G, PRIMARY, SOURCE, G),
        Quad(G, PRIMARY, NamedNode(f"{BASE}source/h"), G),
    )
    (support,) = why(held, None, S)
    assert (support.inferred, support.reason, len(support.sources)) == (True, "by elimination", 2)


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        ([((statement(1),), ())], 1),
        ([((statement(1),), ()), ((statement(2),), ())], 1),
        ([((statement(1),), ()), ((), (statement(1),)), ((statement(1),), ())], 3),
        ([((statement(2),), ()), ((statement(1),), (statement(2),))], 2),
        ([((statement(2),), ()), ((statement(1, H),), ()), ((statement(1),), ())], 3),
    ],
)
def test_a_statement_came_with_the_last_revision_that_added_it(revisions, expected):
    (support,) = why(Held(statement(1)), Journal(*revisions), S, P, Literal(1))
    assert (support.revision, support.author) == (expected, f"author {expected}")


def test_the_oldest_revision_is_not_read():
    """It may be the whole seed, of millions of statements."""
    journal = Journal(((statement(1),), ()), ((statement(2),), ()))
    why(Held(statement(1), statement(2)), journal, S)
    assert journal.read_numbers == [2]
