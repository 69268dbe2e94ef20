"""Random updates: our patch leads to the very store that the engine's own update leads to."""

import os

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pactgraph.errors import SyntaxFault
from pactgraph.ingest.update_evaluation import Evaluation
from pactgraph.ingest.update_state import State
from pactgraph.ingest.update_tokens import read_operations
from pactgraph.store.union import in_default_graph, with_union

EXAMPLES = int(os.environ.get("PACTGRAPH_UPDATE_EXAMPLES", "200"))
ROOT = "http://skolem.invalid/"
PROLOGUE = "PREFIX : <http://example.org/>\n"
GRAPHS = [":g1", ":g2", ":g3"]
NAMES = [":a", ":b", ":c"]
LITERALS = ["1", "01", "'x'", "'x'@en", "2.50", r"'''line\n\"quoted\" \\ \u00e9'''"]
VARIABLES = ["?x", "?y", "?z", "?g", "$x", "?unbound"]


def pick(*choices):
    return st.sampled_from([each for choice in choices for each in choice])


def triples(subjects, predicates, values, most=3):
    triple = st.tuples(subjects, predicates, values).map(" ".join)
    return st.lists(triple, max_size=most).map(" . ".join)


ground = triples(pick(NAMES), pick(NAMES), pick(NAMES, LITERALS))
with_blanks = triples(
    pick(NAMES, ["_:b", "_:c"]), pick(NAMES), pick(NAMES, LITERALS, ["_:b", "[]", "(1 _:b)"])
)
deleted = triples(pick(NAMES, VARIABLES), pick(NAMES, VARIABLES), pick(NAMES, VARIABLES, LITERALS))
inserted = triples(
    pick(NAMES, VARIABLES, ["_:b", "[]"]),
    pick(NAMES, VARIABLES),
    pick(NAMES, VARIABLES, LITERALS, ["_:b", "[ :c ?x ]"]),
)
matched = triples(
    pick(NAMES, VARIABLES[:3], ["[]"]),
    pick(NAMES, VARIABLES[:3], [":a/:b", "^:a", ":a*"]),
    pick(NAMES, VARIABLES[:3]),
    2,
)


def in_graphs(inner, graphs):
    block = st.tuples(pick(graphs), inner).map(lambda pair: f"GRAPH {pair[0]} {{ {pair[1]} }}")
    return st.lists(block, max_size=2).map(" ".join)


def quads(inner, graphs, *, bare):
    blocks = in_graphs(inner, graphs)
    if not bare:
        return blocks
    return st.tuples(inner, blocks).map(lambda pair: f"{pair[0]} {'.' if all(pair) else ''} {pair[1]}")


EXTRAS = [
    "",
    "OPTIONAL { ?x :b ?z }",
    "BIND(BNODE() AS ?z)",
    "BIND(BNODE(STR(?x)) AS ?y)",
    "BIND('lit' AS ?z)",
    "BIND(STRDT('007', <http://www.w3.org/2001/XMLSchema#integer>) AS ?z)",
    "VALUES ?z { :a 1 UNDEF }",
    "FILTER(?x != :a)",
    "FILTER NOT EXISTS { ?x :c ?y }",
    "{ SELECT (COUNT(*) AS ?z) { ?q ?r ?s } }",
    "BIND('}' AS ?z) # } ; {\n",
    "MINUS { ?x :a :b }",
]


@st.composite
def patterns(draw):
    # BIND must not bind what is bound before; a sub-group keeps the scopes apart
    parts = [draw(matched.map(lambda inner: f"{{ {inner} }}")), draw(in_graphs(matched, [*GRAPHS, "?g"]))]
    extra = draw(st.sampled_from(EXTRAS))
    if extra.startswith("BIND"):
        return f"{{ {{ {parts[1]} }} }} OPTIONAL {{ {extra} }}"
    return f"{draw(st.permutations(parts))[0]} {parts[1]} {extra}"


@st.composite
def modifications(draw, bare):
    home = draw(st.sampled_from(["", "WITH :g1 ", "WITH :g4 "]))
    using = draw(
        pick(
            ["", "", "USING :g1 ", "USING :g1 USING :g2 "], ["USING NAMED :g2 ", "USING :g1 USING NAMED :g2 "]
        )
    )
    free = bare or bool(home)
    graphs = [*GRAPHS, "?g", "?z"]
    delete = draw(quads(deleted, graphs, bare=free).map(lambda inner: f"DELETE {{ {inner} }} "))
    insert = draw(quads(inserted, graphs, bare=free).map(lambda inner: f"INSERT {{ {inner} }} "))
    verbs = draw(st.sampled_from([delete, insert, delete + insert]))
    return f"{home}{verbs}{using}WHERE {{ {draw(patterns())} }}"


def operations(*, bare):
    graphs = [*GRAPHS, "DEFAULT"] if bare else GRAPHS
    whole = ["ALL", "NAMED"] + (["DEFAULT"] if bare else [])
    return st.one_of(
        quads(with_blanks, GRAPHS, bare=bare).map(lambda inner: f"INSERT DATA {{ {inner} }}"),
        quads(ground, GRAPHS, bare=bare).map(lambda inner: f"DELETE DATA {{ {inner} }}"),
        modifications(bare),
        modifications(bare),
        # as a pattern, GRAPH <absent> {} matches nothing; the engine's DELETE WHERE overlooks it
        quads(deleted.filter(bool), [*GRAPHS, "?g"], bare=bare).map(
            lambda inner: f"DELETE WHERE {{ {inner} }}"
        ),
        st.tuples(pick(["CLEAR", "DROP"]), pick([f"GRAPH {name}" for name in GRAPHS], whole)).map(
            lambda pair: f"{pair[0]} SILENT {pair[1]}"
        ),
        st.tuples(pick(["ADD", "MOVE", "COPY"]), pick(graphs), pick(graphs)).map(
            lambda three: f"{three[0]} SILENT {three[1]} TO {three[2]}"
        ),
    )


def sequences(*, bare):
    """Return lists of operations; two INSERT DATA may not share a label of a blank node."""
    steps = st.lists(operations(bare=bare), min_size=1, max_size=3)
    return steps.map(lambda each: [step.replace("_:", f"_:n{n}") for n, step in enumerate(each)])


def reference(data, steps, *, follows):
    """Let the engine do it, one operation at a time; the default graph is made anew after each."""
    store = ox.Store()
    store.extend(data)
    for step in steps:
        if follows:
            store.clear_graph(ox.DefaultGraph())
            store.extend([in_default_graph(quad) for quad in store])
        if step.split()[0] in {"ADD", "MOVE", "COPY"} and is_absent(store, step.split()[2]):
            continue  # by our reading of SILENT nothing happens; the engine empties the destination
        store.update(PROLOGUE + step)
    return store


def is_absent(store, name):
    if name == "DEFAULT":
        return False
    graph = ox.NamedNode(name.replace(":", "http://example.org/"))
    return not any(store.quads_for_pattern(None, None, None, graph))


def copy_of(store):
    copy = ox.Store()
    copy.extend(store)
    return copy


def patched(data, steps, *, follows):
    """Apply our patch to the data in one go."""
    base = ox.Store()
    base.extend(with_union(data) if follows else data)
    text = PROLOGUE + " ;\n".join(steps)
    evaluation = Evaluation(text, State(lambda: base, copy_of, follows=follows), ROOT)
    evaluation.run(read_operations(text))
    state = evaluation.state
    assert not state.added & state.removed
    assert not any(isinstance(term, ox.BlankNode) for quad in state.added for term in quad)
    return (set(data) - state.removed) | state.added


def canonical(quads, *, follows):
    """Return the quads with canonical blank nodes; ours, which became IRIs, are turned back."""

    def unskolemized(term):
        is_ours = isinstance(term, ox.NamedNode) and term.value.startswith(ROOT)
        return ox.BlankNode(term.value.removeprefix(ROOT).replace("-", "x")) if is_ours else term

    dataset = ox.Dataset(
        ox.Quad(*map(unskolemized, quad))
        for quad in quads
        if not (follows and isinstance(quad.graph_name, ox.DefaultGraph))
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def data_of(inner):
    store = ox.Store()
    store.update(f"{PROLOGUE} INSERT DATA {{ {inner} }}")
    return list(store)


def assert_same(data, steps, *, follows):
    try:
        expected = reference(data, steps, follows=follows)
    except SyntaxError:
        with pytest.raises(SyntaxFault):
            patched(data, steps, follows=follows)
        return
    found = patched(data, steps, follows=follows)
    assert canonical(found, follows=follows) == canonical(expected, follows=follows)


@given(quads(ground, GRAPHS, bare=False).map(data_of), sequences(bare=False))
@settings(max_examples=EXAMPLES, deadline=None)
def test_updates_of_named_graphs_do_what_the_engine_does(data, steps):
    assert_same(data, steps, follows=True)


@given(quads(ground, GRAPHS, bare=True).map(data_of), sequences(bare=True))
@settings(max_examples=EXAMPLES, deadline=None)
def test_updates_of_a_plain_store_do_what_the_engine_does(data, steps):
    assert_same(data, steps, follows=False)
