from datetime import UTC, datetime

import pyoxigraph as ox
import pytest
from rdflib import RDFS, XSD, Literal, Namespace
from rdflib.plugins.sparql import prepareQuery

from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.overlay import GraphView, Patch

EX = Namespace("http://example.org/")
INTEGER = ox.NamedNode(str(XSD.integer))


def quad(subject, predicate, value):
    end = ox.NamedNode(str(EX[value])) if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(str(EX[subject])), ox.NamedNode(str(EX[predicate])), end)


@pytest.fixture
def store():
    store = ox.Store()
    store.extend(
        [quad("a", "p", "b"), quad("a", "p", "c"), quad("a", "n", ox.Literal("1", datatype=INTEGER))]
    )
    return store


def view(store, added=(), removed=(), now=None):
    committed = StoreTriples(store)
    return GraphView(committed, Patch(added, removed).effect_on(committed), now)


def test_sees_what_is_added_and_not_what_is_removed(store):
    seen = view(store, [quad("a", "p", "d")], [quad("a", "p", "b")])
    assert set(seen.objects(EX.a, EX.p)) == {EX.c, EX.d}
    assert set(seen.subjects(EX.p, EX.d)) == {EX.a}
    assert (EX.a, EX.p, EX.b) not in seen
    assert set(seen.triples((None, EX.p, None))) == {(EX.a, EX.p, EX.c), (EX.a, EX.p, EX.d)}
    assert len(store) == 3


def test_a_patch_does_what_it_says_once(store):
    effect = Patch([quad("a", "p", "b"), quad("x", "p", "y")], [quad("a", "p", "b"), quad("z", "p", "z")])
    effect = effect.effect_on(StoreTriples(store))
    assert len(effect.added) == 1
    assert not effect.removed


def test_numbers_are_as_the_store_keeps_them(store):
    long, short = ox.Literal("01", datatype=INTEGER), Literal(1)
    seen = view(store, [quad("b", "n", long)], [quad("a", "n", long)])
    assert list(seen.objects(EX.b, EX.n)) == [short]
    assert list(seen.objects(EX.a, EX.n)) == []


def test_a_literal_is_found_by_its_own_spelling_only(store):
    assert list(view(store).subjects(EX.n, Literal(1))) == [EX.a]
    spelled = Literal("01", datatype=XSD.integer, normalize=False)
    assert list(view(store).subjects(EX.n, spelled)) == []


def test_plain_and_typed_texts_are_one(store):
    seen = view(store, [quad("a", "t", ox.Literal("x", datatype=ox.NamedNode(str(XSD.string))))])
    assert list(seen.objects(EX.a, EX.t)) == [Literal("x")]


def test_classes_are_followed_through_the_patch():
    above = ox.NamedNode(str(RDFS.subClassOf))
    low, middle, high = (ox.NamedNode(str(EX[name])) for name in ("low", "middle", "high"))
    store = ox.Store()
    store.add(ox.Quad(low, above, middle))
    seen = view(store, [ox.Quad(middle, above, high)])
    assert set(seen.closure(EX.low)) == {EX.low, EX.middle, EX.high}
    assert set(seen.closure(EX.high, down=True)) == {EX.low, EX.middle, EX.high}


def test_queries_see_the_time_of_the_view(store):
    now = datetime(2020, 5, 17, tzinfo=UTC)
    query = prepareQuery("SELECT ?now WHERE { ?s ?p ?o OPTIONAL { ?s ?q ?r BIND(NOW() AS ?now) } }")
    found = {row["now"] for row in view(store, now=now).query(query)}
    assert found == {Literal(now)}


def test_a_view_is_not_written_to(store):
    with pytest.raises(TypeError):
        view(store).add((EX.a, EX.p, EX.e))


def test_one_value_is_found_in_either_direction(store):
    """rdflib's own way asks the look-up for an iterator, and follows RDF lists with it."""
    graph = view(store, added=[quad("d", "q", "e")])
    assert graph.value(EX.d, EX.q) == EX.e
    assert graph.value(predicate=EX.q, object=EX.e) == EX.d
    assert graph.value(EX.d, EX.nothing, default=EX.x) == EX.x
    assert list(graph.items(EX.d)) == []
