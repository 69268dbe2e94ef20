"""What comes in as quads, and the one readable sentence for what does not."""

import json
import os
import subprocess
import sys

import pyoxigraph as ox
import pytest

from pactgraph.errors import InputError, SyntaxFault, UnknownFormat
from pactgraph.ingest import parser
from pactgraph.ingest.formats import INPUT_FORMATS
from pactgraph.ingest.reading import read_quads
from pactgraph.isolation import module_environment

A, B, C = (ox.NamedNode(f"http://example.org/{name}") for name in "abc")
LISTED = r"Turtle \(\.ttl\).*RDF/XML \(\.rdf, \.xml, \.owl\)"
XML = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">
<rdf:Description rdf:about="http://example.org/a"><e:b rdf:resource="http://example.org/c"/></rdf:Description>
</rdf:RDF>"""
DOCUMENTS = {
    "TURTLE": b"@prefix e: <http://example.org/> . e:a e:b e:c .",
    "TRIG": b"@prefix e: <http://example.org/> . { e:a e:b e:c }",
    "N_TRIPLES": b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .",
    "N_QUADS": b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .",
    "JSON_LD": b'{"@id": "http://example.org/a", "http://example.org/b": {"@id": "http://example.org/c"}}',
    "RDF_XML": XML,
}


@pytest.mark.parametrize("known", INPUT_FORMATS, ids=lambda known: known.name)
def test_every_suffix_and_media_type_is_read(known, tmp_path):
    document = DOCUMENTS[known.rdf_format]
    expected = [ox.Quad(A, B, C)]
    for suffix in known.suffixes:
        path = tmp_path / f"facts{suffix}"
        path.write_bytes(document)
        assert read_quads(path) == expected
    for media_type in known.media_types:
        assert read_quads(document, format=f"{media_type}; charset=UTF-8") == expected
    assert read_quads(document, format=known.name, trusted=True) == expected


def test_blank_nodes_of_two_documents_are_never_the_same():
    document = b"_:x <http://example.org/b> _:x ."
    first, second = (read_quads(document, format="nt")[0] for _ in range(2))
    assert first.subject == first.object
    assert first.subject != second.subject


def test_triples_without_a_graph_go_into_the_graph_asked_for_and_others_stay():
    document = b"@prefix e: <http://example.org/> . e:a e:b e:c . e:b { e:a e:b e:a }"
    graphs = {quad.object: quad.graph_name for quad in read_quads(document, format="trig", graph=C.value)}
    assert graphs == {C: C, A: B}


def test_a_byte_order_mark_is_no_syntax_error():
    assert len(read_quads(b"\xef\xbb\xbf" + DOCUMENTS["TURTLE"], format="ttl")) == 1


@pytest.mark.parametrize("name", ["facts.csv.gz", "facts", "facts.json"])
def test_an_unknown_suffix_lists_the_known_formats(name, tmp_path):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UnknownFormat, match=LISTED) as raised:
        read_quads(tmp_path / name)
    assert raised.value.exit_code == 2


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(UnknownFormat, match=LISTED):
        read_quads(b"", format="yaml")


def test_another_charset_is_refused():
    with pytest.raises(InputError, match="convert the document to UTF-8"):
        read_quads(DOCUMENTS["TURTLE"], format="text/turtle; charset=ISO-8859-1")


def test_bytes_need_a_format():
    with pytest.raises(InputError, match="format is not told"):
        read_quads(DOCUMENTS["TURTLE"])


@pytest.mark.parametrize(
    ("format_name", "document", "position", "words"),
    [
        ("ttl", b"@prefix e: <http://e/> .\n\ne:a e:b f:c .", (3, 9), "prefix f: has not been declared"),
        ("nt", "# 한국어\nhello".encode(), (2, 1), "mend the N-Triples there"),
        ("jsonld", b'{"@id": "http://e/a",\n"x": }', (2, 6), "mend the JSON-LD there"),
        ("ttl", b"@prefix e: <http://e/> .\n  e:a e:b <c> .", (2, 11), "“c” is a relative IRI .* in full"),
        ("trig", b"<http://e/a> <b> <http://e/c> .", (1, 14), "“b” is a relative IRI"),
        ("ttl", b"<http://e/a> <http://e/b> 'caf\xe9' .", (1, 31), "not UTF-8 text; save the file as UTF-8"),
        ("rdf", b"<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", (2, 1), "DOCTYPE or ENTITY"),
    ],
)
def test_a_fault_is_told_with_line_and_column(format_name, document, position, words, tmp_path):
    path = tmp_path / f"facts.{format_name}"
    path.write_bytes(document)
    with pytest.raises(SyntaxFault, match=words) as raised:
        read_quads(path)
    assert (raised.value.line, raised.value.column) == position
    assert str(raised.value).startswith(f"{path}, line {position[0]}, column {position[1]}: ")


@pytest.mark.parametrize(
    ("format_name", "document", "words"),
    [
        ("rdf", XML.replace(b'about="http://example.org/a"', b'about="foo"'), "“foo” is a relative IRI"),
        ("jsonld", b'{"@id": "foo", "http://e/p": 1}', "“foo” is a relative IRI"),
        ("jsonld", b'{"http://e/p": {"@id": "../bar"}}', "“bar” is a relative IRI"),
        ("jsonld", b'{"name": "x"}', "explain them with a @context"),
        ("jsonld", b'{"@context": "http://127.0.0.1:9/c", "@id": "http://e/a"}', "put the @context into it"),
        ("jsonld", b'{"@context": {"@import": "http://127.0.0.1:9/c"}, "a": 1}', "not fetched"),
        ("jsonld", b'{"@context": {"p": {"@id": "e:p", "@context": "file:///x"}}, "p": {}}', "not fetched"),
        ("jsonld", b'{"@context": ["http://127.0.0.1:9/c"], "@id": "http://e/a"}', "not fetched"),
        ("xml", b"<html><p>hello</p></html>", "mend the RDF/XML there"),
        ("ttl", b"<http://e/a> <http://e/b> <<( <http://e/a> <http://e/b> 1 )>> .", "triple term"),
        ("ttl", b"<http://e/a> <http://e/b> 'x'@ar--rtl .", "base direction"),
    ],
)  # fmt: skip
def test_what_is_not_rdf_for_the_graph_is_refused_with_the_reason(format_name, document, words):
    for trusted in (True, False):
        with pytest.raises(SyntaxFault, match=words):
            read_quads(document, format=format_name, trusted=trusted)


@pytest.mark.parametrize("document", [b"<!doctype x>", b"<!-- <!ENTITY a 'b'> --><x/>", b"<x/><! DOCTYPE y>"])
def test_a_doctype_is_refused_however_it_is_spelled(document):
    with pytest.raises(SyntaxFault) as raised:
        read_quads(document, format="RDF/XML")
    assert raised.value.code == "doctype"


def test_paths_that_cannot_be_read_say_so(tmp_path):
    for path, words in (
        ("", "file name is empty"),
        ("a\0b.ttl", "not a name"),
        (tmp_path, "is a folder"),
        (tmp_path / "no.ttl", "There is no file"),
        (tmp_path / "x" / "no.ttl", "There is no file"),
    ):
        with pytest.raises(InputError, match=words) as raised:
            read_quads(path, format="ttl")
        assert (raised.value.code, raised.value.exit_code) == ("unreadable", 2)


def test_a_file_in_place_of_a_folder_cannot_be_read(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be read"):
        read_quads(tmp_path / "file" / "x.ttl")


def nested(opening, middle, closing, depth):
    return opening * depth + middle + closing * depth


def test_deep_json_is_refused_without_harm():
    with pytest.raises(InputError) as raised:
        read_quads(nested(b'{"http://e/p":', b"1", b"}", 10_000), format="jsonld")
    assert raised.value.code == "too-complex"
    assert read_quads(DOCUMENTS["TURTLE"], format="ttl")


def test_a_deep_turtle_collection_is_read_without_harm():
    document = b"<http://e/a> <http://e/b> " + nested(b"(", b"", b")", 100_000) + b"."
    assert len(read_quads(document, format="ttl")) == 199_999


def test_deep_triple_terms_never_reach_this_process():
    term = nested(b"<<( <http://e/a> <http://e/b> ", b"<http://e/a>", b")>>", 100_000)
    document = b"<http://e/a> <http://e/b> " + term + b" ."
    with pytest.raises(InputError):
        read_quads(document, format="nq")


def test_a_prefix_bomb_is_refused():
    document = b"@prefix e: <http://" + b"a" * 300_000 + b"/> .\n" + b"e:a e:b e:c .\n" * 20_000
    with pytest.raises(InputError) as raised:
        read_quads(document, format="ttl")
    assert raised.value.code == "too-complex"


def test_the_parser_process_stops_where_its_output_grows_over_the_limit():
    job = {
        "rdf_format": "TURTLE",
        "stack": 2**24,
        "memory": 2**30,
        "seconds": 10,
        "output": 50,
        "statements": None,
        "everything": False,
        "parent": os.getpid(),
    }
    command = [sys.executable, "-P", "-m", parser.__name__, json.dumps(job)]
    ended = subprocess.run(
        command, input=DOCUMENTS["TURTLE"], capture_output=True, check=False, env=module_environment()
    )
    assert ended.returncode == parser.EXIT_TOO_LARGE
    assert ended.stdout == b""


def test_legal_depth_is_read():
    assert len(read_quads(nested(b'{"http://e/p":', b"1", b"}", 100), format="jsonld")) == 100
