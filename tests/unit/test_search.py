"""The search index finds by spelling and by sound, and is always what a new one would be."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph import vocab
from pactgraph.errors import QueryFailed
from pactgraph.journal import Entry
from pactgraph.search import FILE, SearchIndex
from pactgraph.search.index import MOST
from pactgraph.search.naming import LONGEST, touched
from pactgraph.search.table import Stand

EX = "http://example.org/"
PREF = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
ALT = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
SUBCLASS = NamedNode(f"{vocab.RDFS}subClassOf")
THINGS = {
    "samsung": ("Organisation", ("Samsung Electronics", "en"), ("삼성전자", "ko")),
    "kim": ("Person", ("Kim Jin-pyo", "en"), ("김진표", "ko")),
    "lee": ("Minister", ("Lee Jong-ho", "en"), ("이종호", "ko")),
    "kaist": ("Organisation", ("KAIST", "en"), ("한국과학기술원", "ko")),
    "forum": (
        "Event",
        ("Korea–EU Semiconductor Researchers Forum", "en"),
    ),
    "seoul": (
        "Place",
        ("Séoul", "fr"),
    ),
}


class Memory:
    """A dataset that needs no directory."""

    def __init__(self):
        self.store = Store()

    def quads(self, *pattern):
        return self.store.quads_for_pattern(*pattern)

    def change(self, added=(), removed=()):
        for quad in removed:
            self.store.remove(quad)
        self.store.extend(added)


def node(name):
    return NamedNode(EX + name)


@pytest.fixture(scope="module")
def dataset():
    memory = Memory()
    for name, (kind, *labels) in THINGS.items():
        memory.change([Quad(node(name), vocab.TYPE, node(kind))])
        memory.change(Quad(node(name), PREF, Literal(text, language=lang)) for text, lang in labels)
    memory.change([Quad(node("samsung"), ALT, Literal("SEC"))])
    memory.change([Quad(node("Minister"), SUBCLASS, node("Person"))])
    return memory


@pytest.fixture(scope="module")
def index(dataset):
    with closing(SearchIndex.temporary(dataset, Stand(7, "x"))) as one:
        yield one


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("Samsung", "samsung"), ("Samseong", "samsung"), ("samsumg", "samsung"), ("삼성", "samsung")),
        *(("전자", "samsung"), ("SEC", "samsung"), ("Samsong Jeonja", "samsung")),
        *(("Kim Jinpyo", "kim"), ("KIM JIN PYO", "kim"), ("Gim Jin-pyo", "kim"), ("김 진표", "kim")),
        *(("Jinpyo Kim", "kim"), ("Yi Jongho", "lee"), ("Rhee Chong-ho", "lee"), ("Lee Jung-ho", "lee")),
        *(("kiast", "kaist"), ("researchers forum", "forum"), ("semiconductor forum", "forum")),
        *(("Seoul", "seoul"), ("séoul", "seoul"), ("ＳＥＯＵＬ", "seoul")),
    ],
)
def test_a_name_is_found_however_it_is_written(index, text, name):
    first = index.search(text).found[0]
    assert first.iri == EX + name
    assert 0 < first.score <= 1


def test_what_is_spelt_alike_comes_before_what_only_sounds_alike(index):
    assert index.search("Kim Jin-pyo").found[0].score == 1
    assert index.search("Gim Jinpyo").found[0].score < 1


def test_the_name_shown_is_the_nearest_or_one_in_the_language_asked_for(index):
    assert (index.search("Samsung").found[0].label, index.search("삼성").found[0].lang) == (
        "Samsung Electronics",
        "ko",
    )
    shown = index.search("Samsung", lang="KO").found
    assert [(each.label, each.lang) for each in shown] == [("삼성전자", "ko")]
    assert index.search("Samsung", lang="fr").found == ()


def test_a_class_is_searched_with_its_subclasses(index):
    assert [each.iri for each in index.search("Jong-ho", kind=f"{EX}Person").found] == [f"{EX}lee"]
    assert index.search("Jong-ho", kind=f"{EX}Person").found[0].type == f"{EX}Minister"
    assert index.search("Jong-ho", kind=f"{EX}Event").found == ()


@pytest.mark.parametrize(
    "text",
    [
        "xyzzy",
        "",
        " ",
        "\0",
        "\ud800",
        "...",
        '"',
        "NEAR(x y)",
        "x" * 10_000,
        "* OR plain:",
        "'; DROP",
        "ㅋ" * 999,
    ],
)
def test_whatever_is_asked_does_no_harm(index, text):
    assert index.search(text).revision == 7
    assert index.search("KAIST").found


def test_an_answer_is_as_short_as_asked_and_never_longer_than_the_most(index, dataset):
    assert len(index.search("Korea", limit=1).found) == 1
    many = Memory()
    many.change(Quad(node(f"n{each}"), PREF, Literal("the same")) for each in range(MOST + 20))
    with closing(SearchIndex.temporary(many, Stand(1, ""))) as full:
        assert len(full.search("the same", limit=10_000).found) == MOST


def test_a_name_as_long_as_a_book_is_cut(tmp_path):
    memory = Memory()
    memory.change([Quad(node("long"), PREF, Literal("Book " * 50_000))])
    with closing(SearchIndex.temporary(memory, Stand(1, ""))) as index:
        assert len(index.search("book").found[0].label) == LONGEST


def test_a_search_that_takes_too_long_is_broken_off(dataset, tmp_path):
    many = Memory()
    many.change(Quad(node(f"n{each}"), PREF, Literal(f"a common name {each}")) for each in range(3000))
    moments = iter(range(0, 10**9, 100))
    with closing(SearchIndex(many, tmp_path / FILE, clock=lambda: next(moments))) as slow:
        slow.synchronise(Stand(1, ""), None)
        with pytest.raises(QueryFailed) as refusal:
            slow.search("a common name")
    assert refusal.value.code == "query-timeout"


def test_namesakes_have_the_same_name_and_not_only_a_similar_one(index):
    assert index.namesakes({"kimjinpyo", "gimjinpyo"}) == {"kimjinpyo": [f"{EX}kim"]}
    assert index.namesakes(()) == {}


SUBJECTS, TEXTS = st.sampled_from([node(each) for each in "abc"]), st.sampled_from(["Ann", "Ben", "앤"])
STATEMENTS = st.builds(
    Quad, SUBJECTS, st.sampled_from([PREF, ALT, node("other")]), st.builds(Literal, TEXTS)
) | st.builds(Quad, SUBJECTS, st.just(vocab.TYPE), st.sampled_from([node("Person"), node("Thing")]))
CHANGES = st.lists(st.tuples(st.sets(STATEMENTS), st.sets(STATEMENTS)), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(changes=CHANGES, seen=st.integers(0, 5))
def test_following_each_revision_ends_where_a_new_index_begins(tmp_path_factory, changes, seen):
    memory = Memory()
    path = tmp_path_factory.mktemp("followed") / FILE
    with closing(SearchIndex(memory, path)) as index:
        index.synchronise(Stand(0, "0"), None)
        entries = []
        for number, (added, removed) in enumerate(changes, start=1):
            memory.change(added, removed)
            entry = Entry(
                number, None, "", "", tuple(added), tuple(removed), "", str(number - 1), str(number)
            )
            entries.append(entry)
            if number <= seen:
                index.follow(entry)
        index.synchronise(Stand(len(changes), str(len(changes))), entries[min(seen, len(changes)) :])
        assert index.stand == Stand(len(changes), str(len(changes)))
        assert index.disagreement() is None


def test_a_revision_costs_what_it_touches(dataset, tmp_path, monkeypatch):
    memory = Memory()
    memory.change(Quad(node(f"n{each}"), PREF, Literal(f"name {each}")) for each in range(50))
    read = []
    with closing(SearchIndex(memory, tmp_path / FILE)) as index:
        index.synchronise(Stand(1, "1"), None)
        original = memory.quads
        monkeypatch.setattr(memory, "quads", lambda *each: read.append(each) or original(*each))
        quad = Quad(node("n1"), PREF, Literal("another"))
        memory.change([quad])
        index.follow(Entry(2, None, "", "", (quad,), (), "", "1", "2"))
        assert [subject for subject, *_ in read] == [node("n1")]
        assert index.search("another").found[0].iri == f"{EX}n1"


def test_an_index_that_fell_behind_catches_up_from_the_history(tmp_path, monkeypatch):
    memory, entries = Memory(), []
    memory.change(Quad(node(f"n{each}"), PREF, Literal(f"name {each}")) for each in range(50))
    with closing(SearchIndex(memory, tmp_path / FILE, history=lambda first: entries[first - 2 :])) as index:
        index.synchronise(Stand(1, "1"), None)
        for number in (2, 3, 4):
            quad = Quad(node(f"n{number}"), PREF, Literal("another"))
            memory.change([quad])
            entries.append(Entry(number, None, "", "", (quad,), (), "", str(number - 1), str(number)))
        read, original = [], memory.quads
        monkeypatch.setattr(memory, "quads", lambda *each: read.append(each[0]) or original(*each))
        index.follow(entries[-1])
        assert read == [node("n2"), node("n3"), node("n4")]  # and not the other 47
        assert index.stand == Stand(4, "4")


def test_an_index_that_finds_no_space_stays_as_it_was_and_catches_up(tmp_path):
    memory, entries = Memory(), []
    memory.change([Quad(node("old"), PREF, Literal("an old name"))])
    with closing(SearchIndex(memory, tmp_path / FILE, history=lambda first: entries[first - 2 :])) as index:
        index.synchronise(Stand(1, "1"), None)
        database = index._table._db
        database.execute(f"PRAGMA max_page_count={database.execute('PRAGMA page_count').fetchone()[0]}")
        quads = tuple(Quad(node(f"n{each}"), PREF, Literal(f"a new name {each}")) for each in range(999))
        for number in (2, 3):
            if number == 3:
                database.execute("PRAGMA max_page_count=1000000")
            memory.change(quads[number:])
            entries.append(Entry(number, None, "", "", quads[number:], (), "", str(number - 1), str(number)))
            index.follow(entries[-1])
            assert index.stand.revision == (1 if number == 2 else 3)
            assert index.search("an old name").found[0].iri == f"{EX}old"
        assert index.disagreement() is None


@pytest.mark.parametrize("damage", ["missing", "cut", "nonsense", "other history", "other layout"])
def test_an_index_that_cannot_be_used_is_built_anew(dataset, tmp_path, damage):
    path = tmp_path / FILE
    with closing(SearchIndex(dataset, path)) as index:
        index.synchronise(Stand(7, "y" if damage == "other history" else "x"), None)
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "nonsense":
        path.write_bytes(b"nonsense" * 1000)
    elif damage == "other layout":
        with closing(SearchIndex(dataset, path)) as index:
            index.synchronise(Stand(7, "x"), None)
            index._table._db.execute("UPDATE stand SET layout = 0")
    with closing(SearchIndex(dataset, path)) as index:
        index.synchronise(Stand(7, "x"), None)
        assert index.stand == Stand(7, "x")
        assert index.disagreement() is None
        assert index.search("KAIST").found


def test_the_terms_of_the_ontology_are_no_entities():
    label = Literal("event")
    assert touched([Quad(NamedNode(f"{vocab.PACT}Event"), vocab.LABEL, label)]) == set()
    assert touched([Quad(node("e"), vocab.LABEL, label)]) == {f"{EX}e"}
