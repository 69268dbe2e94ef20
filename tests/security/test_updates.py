"""An update reaches nothing but the dataset, and hurts nobody by its size or shape."""

import http.server
import threading

import pyoxigraph as ox
import pytest

from pactgraph.errors import InputError, QueryFailed, QueryRefused, SyntaxFault, Unsourced
from pactgraph.ingest.updates import read_update
from pactgraph.model import Snapshot
from pactgraph.store.union import with_union

GRAPH = "https://w3id.org/eukdp/graph/"
PROLOGUE = f"PREFIX g: <{GRAPH}> PREFIX : <http://example.org/>\n"
DATA = f"""{PROLOGUE} INSERT DATA {{
    GRAPH g:a {{ :s :p 1, 2 . :t :q :s }} GRAPH g:b {{ :s :p 2, 3 }} GRAPH g:revisions {{ :r :r 1 }}
}}"""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    stated = ox.Store()
    stated.update(DATA)
    store = ox.Store(str(folder / "store"))
    store.extend(with_union(stated))
    (folder / "snapshots").mkdir()
    store.backup(str(folder / "snapshots" / "1"))
    return Snapshot(folder / "snapshots" / "1", 1)


@pytest.fixture
def read(snapshot):
    def read(text, *, source=None, timeout=60, **options):
        root = "https://w3id.org/eukdp/.well-known/genid/x-"
        before = sorted(path.name for path in snapshot.path.parent.iterdir())
        try:
            return read_update(
                PROLOGUE + text,
                snapshot=snapshot,
                source=source,
                skolem_root=root,
                timeout=timeout,
                **options,
            )
        finally:
            assert sorted(path.name for path in snapshot.path.parent.iterdir()) == before

    return read


@pytest.fixture
def canary():
    """An HTTP server on loopback that must see no request; gives its address and what it saw."""
    seen = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 — the name that http.server looks for

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", seen
        server.shutdown()
        thread.join()


REACHING_OUT = [
    "LOAD <{url}>",
    "load silent <{url}>",
    "LOAD<{url}>INTO GRAPH g:a",
    "LOAD SILENT <{url}> INTO GRAPH g:a",
    "LOAD # <x>\n <{url}>",
    "LOAD <file:///etc/hostname>",
    "INSERT DATA {{ GRAPH g:a {{ :a :b :c }} }} ; LOAD <{url}>",
    "INSERT DATA {{ GRAPH g:a {{ :a :b :c }} }} LOAD <{url}>",
    "PREFIX x: <{url}> LOADx:y",
    "\\u004cOAD <{url}>",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ service silent <{url}> {{ ?s ?p ?o }} }}",
    "DELETE {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ FILTER EXISTS {{ SERVICE<{url}>{{ ?s ?p ?o }} }} }}",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ BIND(<{url}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
    "PREFIX SERVICEx: <{url}> INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ SERVICEx:y {{ ?s ?p ?o }} }}",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ {{ SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }}",
    "DELETE WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }} SERVICE <{url}> {{ }}",
    "INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} WHERE {{ (?o <?s#>) SERVICE <{url}> {{\n}} }}",
]


@pytest.mark.parametrize("text", REACHING_OUT)
def test_nothing_is_fetched(read, canary, text):
    url, seen = canary
    with pytest.raises((QueryRefused, SyntaxFault)):
        read(text.format(url=url))
    assert seen == []


def test_words_in_strings_comments_and_names_are_no_operations(read):
    patch = read("INSERT DATA { GRAPH g:a { :LOAD :SERVICE '} ; LOAD <x>' } } # ; DROP ALL\n")
    assert [quad.object.value for quad in patch.added] == ["} ; LOAD <x>"]
    assert patch.removed == ()


def test_using_names_graphs_and_reads_no_file(read, tmp_path):
    file = tmp_path / "secret.ttl"
    file.write_text("<http://example.org/a> <http://example.org/b> 'secret' .")
    patch = read(f"INSERT {{ GRAPH g:a {{ ?s ?p ?o }} }} USING <{file.as_uri()}> WHERE {{ ?s ?p ?o }}")
    assert patch.added == ()


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
@pytest.mark.parametrize(
    "shape",
    [
        lambda n: "INSERT { GRAPH g:a { :a :b :c } } WHERE " + "{" * n + "}" * n,
        lambda n: "INSERT DATA { GRAPH g:a { :a :b " + "[ :b " * n + "1" + " ]" * n + " } }",
        lambda n: "INSERT DATA { GRAPH g:a { :a :b " + "(" * n + ")" * n + " } }",
        lambda n: "DELETE { GRAPH g:a { :a :b ?x } } WHERE { BIND(" + "(" * n + "1" + ")" * n + " AS ?x) }",
        lambda n: "DELETE { GRAPH g:a { :a :b ?x } } WHERE { BIND(" + "!" * n + "true AS ?x) }",
        lambda n: "DELETE { GRAPH g:a { :a :b ?x } } WHERE { BIND(" + "1+" * n + "1 AS ?x) }",
    ],
)
def test_nesting_is_read_or_refused(read, shape, depth):
    if depth == 100:
        assert read(shape(depth)).strict is False
    else:
        with pytest.raises(QueryRefused) as refused:
            read(shape(depth))
        assert refused.value.code == "query-too-complex"


def test_a_pattern_of_many_joins_is_refused_but_a_template_is_not(read):
    many = " . ".join(f":s :p{number} ?o" for number in range(200))
    with pytest.raises(QueryRefused) as refused:
        read(f"DELETE WHERE {{ GRAPH g:a {{ {many} }} }}")
    assert refused.value.code == "query-too-complex"
    patch = read(f"INSERT {{ GRAPH g:a {{ {many} }} }} WHERE {{ BIND(1 AS ?o) }}")
    assert len(patch.added) == 200


def test_an_endless_evaluation_is_stopped(read):
    joined = " ".join(f"?a{number} ?b{number} ?c{number} ." for number in range(40))
    with pytest.raises(QueryFailed) as failed:
        read(
            f"INSERT {{ GRAPH g:a {{ :a :b ?n }} }} WHERE {{ {{ SELECT (COUNT(*) AS ?n) {{ {joined} }} }} }}",
            timeout=2,
        )
    assert failed.value.code == "query-timeout"


def test_memory_is_limited(read):
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30))
    with pytest.raises(QueryFailed) as failed:
        read(
            f"INSERT {{ GRAPH g:a {{ :a :b ?x30 }} }} WHERE {{ BIND('0123456789' AS ?x0) {doubled} }}",
            memory_mb=512,
        )
    assert failed.value.code == "query-memory"


def test_more_than_a_million_statements_are_refused(read):
    digits = " ".join(f"VALUES ?d{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(7))
    number = "+".join(f"{10**n}*?d{n}" for n in range(7))
    with pytest.raises(InputError) as refused:
        read(f"INSERT {{ GRAPH g:a {{ :a :b ?n }} }} WHERE {{ {digits} BIND({number} AS ?n) }}")
    assert refused.value.code == "too-many-statements"


def test_too_many_operations_are_refused(read):
    with pytest.raises(QueryRefused) as refused:
        read("CLEAR GRAPH g:a ; " * 10_001)
    assert refused.value.code == "query-too-complex"


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("INSERT DATA { :a :b :c }", Unsourced, "no-source"),
        ("INSERT { ?s :b :c } WHERE { ?s ?p ?o }", Unsourced, "no-source"),
        ("INSERT DATA { [] :b :c }", Unsourced, "no-source"),
        ("DELETE DATA { :a :b :c }", QueryRefused, "default-graph"),
        ("DELETE WHERE { GRAPH g:a { :a :b :c } ?s ?p ?o }", QueryRefused, "default-graph"),
        ("CLEAR DEFAULT", QueryRefused, "default-graph"),
        ("DROP SILENT DEFAULT", QueryRefused, "default-graph"),
        ("MOVE DEFAULT TO g:a", QueryRefused, "default-graph"),
        ("COPY g:a TO DEFAULT", QueryRefused, "default-graph"),
        ("CLEAR GRAPH g:revisions", QueryRefused, "read-only-graph"),
        ("MOVE g:revisions TO g:a", QueryRefused, "read-only-graph"),
        ("ADD g:a TO g:revisions", QueryRefused, "read-only-graph"),
        ("INSERT DATA { GRAPH g:revisions { :a :b :c } }", QueryRefused, "read-only-graph"),
        ("WITH g:revisions DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", QueryRefused, "read-only-graph"),
        ("DELETE WHERE { GRAPH ?g { ?s ?p 1 } }", QueryRefused, "read-only-graph"),
        ("CREATE GRAPH g:a", InputError, "graph-exists"),
        ("COPY g:none TO g:a", InputError, "no-graph"),
        ("INSERT DATA { GRAPH g:a { :a :b <<( :a :b :c )>> } }", InputError, "not-kept"),
        ("INSERT DATA { GRAPH g:a { :a :b 'x'@en--ltr } }", InputError, "not-kept"),
        ("SELECT * { ?s ?p ?o }", QueryRefused, "query-refused"),
    ],
)
def test_what_is_refused(read, text, kind, code):
    with pytest.raises(kind) as refused:
        read(text)
    assert refused.value.code == code
    assert "query" not in refused.value.message.lower() or "SELECT" in text


def test_a_fault_names_its_place_in_the_whole_update(read):
    with pytest.raises(SyntaxFault) as fault:
        read("CLEAR GRAPH g:a ;\nINSERT { GRAPH g:a {\n  ?s :b } } WHERE { ?s ?p ?o }")
    assert (fault.value.line, fault.value.column) == (4, 9)
    with pytest.raises(SyntaxFault) as fault:
        read(text := "CLEAR GRAPH g:a ; DELETE { GRAPH g:a { ?s ?p ?o } } WHERE { ?s ?p ?o FILTER(?s ?o) }")
    assert (fault.value.line, fault.value.column) == (2, len(text) + 1)  # as far as the engine looked


def test_what_stands_outside_of_any_graph_belongs_to_the_named_source(read):
    patch = read(
        "DELETE WHERE { :s :p 1 } ; INSERT DATA { :a :b :c }", source="https://w3id.org/eukdp/source/a"
    )
    home = ox.NamedNode(f"{GRAPH}a")
    assert {quad.graph_name for quad in (*patch.added, *patch.removed)} == {home}
    assert [quad.predicate.value.rpartition("#")[2] for quad in patch.added][1:] == ["hadPrimarySource"]
    assert [quad.object.value for quad in patch.removed] == ["1"]


def test_a_sequence_sees_its_own_changes_in_the_union(read):
    patch = read(
        "DELETE DATA { GRAPH g:a { :s :p 2 } } ; INSERT DATA { GRAPH g:c { :s :p 3, 9 } } ; "
        "PREFIX x: <urn:x:> INSERT { GRAPH g:c { x:all x:sum ?n } } "
        "WHERE { { SELECT (SUM(?v) AS ?n) { :s :p ?v } } }"
    )
    (total,) = [quad.object.value for quad in patch.added if quad.subject.value == "urn:x:all"]
    assert total == str(1 + 2 + 3 + 9)


def test_all_means_all_graphs_but_the_history(read):
    patch = read("CLEAR ALL")
    assert {quad.graph_name.value for quad in patch.removed} == {f"{GRAPH}a", f"{GRAPH}b"}


def test_blank_nodes_are_named_apart_in_each_operation(read):
    text = "INSERT { GRAPH g:c { _:x :of ?o } } WHERE { GRAPH g:a { :s :p ?o } }"
    patch = read(f"{text} ; {text}")
    assert len({quad.subject for quad in patch.added}) == 4
    assert all(isinstance(quad.subject, ox.NamedNode) for quad in patch.added)


def test_half_a_character_is_refused(read):
    with pytest.raises(SyntaxFault):
        read("INSERT DATA { GRAPH g:a { :a :b '\ud800' } }")
