"""Attacks on the doors for writes: hostile documents, bombs and updates, without a token and with one."""

from __future__ import annotations

import gzip
import http.client
import itertools
import zlib
from collections.abc import Iterator
from urllib.parse import quote

from attacks import Attack, sent
from test_documents import BOMB, CONTEXTS, ENTITIES, NESTED
from test_s14_s20_writes import UPDATES
from test_updates import PROLOGUE, REACHING_OUT

from pactgraph import vocab

GRAPH = "http://example.org/graph"
SOURCE = "http://example.org/source"
UPDATE = "application/sparql-update"
_CHANGES = f"/changes?dry_run=true&source={quote(SOURCE, safe='')}"
_GRAPHS = f"/graphs?graph={quote(GRAPH, safe='')}"
_STALE = {"If-Match": '"r999999-x-0"'}  # so that what is read at /graphs, which has no dry_run, is not let in
_MEDIA_TYPES = {
    "xml": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<URL> <http://www.w3.org/2002/07/owl#imports> <URL> ; sh:shapesGraph <URL> ; sh:entailment <URL> .
<http://example.org/S> a sh:NodeShape ; sh:targetClass <http://www.w3.org/2002/07/owl#Thing> ;
  sh:sparql [ sh:select "SELECT $this { SERVICE <URL> {} }" ] ; sh:property [ sh:pattern "(a+)+$" ] ;
  sh:js [ sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL <URL> ] ] .
"""
_ORGANISATION = f"""GRAPH <{vocab.BASE}graph/bas3> {{
  <{vocab.BASE}id/organisation/besieged-NUMBER> a <http://www.w3.org/ns/org#Organization> ;
    <http://www.w3.org/2004/02/skos/core#prefLabel> "Besieged NUMBER"@en , "포위 NUMBER"@ko }}"""
_ENDLESS = "{ SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } }"
_DOUBLING = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30))


def attacks_on_writes(canary: str, token: str) -> Iterator[Attack]:
    """Yield the attacks on every door for writes; ``canary`` is what they try to reach."""
    bearer = {"Authorization": f"Bearer {token}"}
    for headers in (bearer, {}, {"Authorization": "Bearer nonsense"}):
        for suffix, document in _documents(canary, everything=headers is bearer):
            typed = {"Content-Type": _MEDIA_TYPES[suffix], **headers}
            yield sent("POST", _CHANGES, document, typed)
            yield sent("PUT", _GRAPHS, document, typed | _STALE)
        for text in _updates(canary):
            yield _updated(text, headers)
        yield from _compressed(headers)
    yield from _on_what_is_protected(bearer)


def _documents(canary: str, *, everything: bool) -> Iterator[tuple[str, bytes]]:
    for address in (canary, "file:///etc/hostname"):
        for entity in (*ENTITIES, BOMB.replace("{", "{{").replace("}", "}}")):
            yield "xml", entity.format(address).encode()
        for context in CONTEXTS:
            yield "jsonld", context.format(address).encode()
        yield "ttl", _SHAPES.replace("URL", address).encode()
    yield "xml", BOMB.encode("utf-16")
    yield "jsonld", b"\xff\xfe\x00"
    for suffix, opening, middle, closing in NESTED:
        for depth in (1_000, 20_000) if everything else (1_000,):
            yield suffix, (opening * depth + middle + closing * depth).encode()
    if everything:
        yield "xml", b"<x:a xmlns:x='urn:x:'>" * 20_000 + b"</x:a>" * 20_000
        yield "ttl", b"<urn:a> <urn:b> '''" + b"\\u0000" * 150_000


def _updates(canary: str) -> Iterator[str]:
    yield from UPDATES
    yield from (PROLOGUE + each.format(url=canary) for each in REACHING_OUT)
    yield "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> " + "(" * 5000 + ")" * 5000 + " } }"
    yield f"INSERT {{ GRAPH <{GRAPH}> {{ <urn:a> <urn:b> ?n }} }} WHERE {_ENDLESS}"
    yield f"INSERT {{ GRAPH <{GRAPH}> {{ <urn:a> <urn:b> ?x30 }} }} WHERE {{ BIND('0123456789' AS ?x0) {_DOUBLING} }}"
    yield f"CLEAR GRAPH <{GRAPH}> ; " * 10_001


def _updated(text: str, headers: dict[str, str]) -> Attack:
    body = text.encode("utf-8", "replace")
    return sent("POST", "/sparql/update?dry_run=true&timeout=2", body, {"Content-Type": UPDATE, **headers})


def _compressed(headers: dict[str, str]) -> Iterator[Attack]:
    """Yield 40 MB of nothing, in a few dozen kilobytes, under every name of a compression."""
    content = b"\0" * 40_000_000
    bombs = {
        "gzip": gzip.compress(content),
        "deflate": zlib.compress(content),
        "br": b"\x8b",
        "zstd": b"\x28",
    }
    for encoding, body in bombs.items():
        for path, kind in ((_CHANGES, "text/turtle"), (_GRAPHS, "text/turtle"), ("/sparql/update", UPDATE)):
            typed = {"Content-Type": kind, "Content-Encoding": encoding, **headers}
            yield sent("POST", path, body, typed)
        yield sent(
            "POST",
            "/sparql",
            body,
            {"Content-Type": "application/sparql-query", "Content-Encoding": encoding},
        )


def _on_what_is_protected(bearer: dict[str, str]) -> Iterator[Attack]:
    """Yield what would take the graphs of a release or the history away; no dry runs, they must be refused."""
    for graph in vocab.PROTECTED_GRAPHS:
        named = f"/graphs?graph={quote(graph.value, safe='')}"
        turtle = {"Content-Type": "text/turtle", **bearer}
        yield sent("PUT", named, b"<urn:a> <urn:b> 1 .", turtle)
        yield sent("DELETE", named, None, bearer)
        for operation in (f"CLEAR GRAPH {graph}", f"DROP SILENT GRAPH {graph}", f"MOVE {graph} TO <urn:g>",
                          f"WITH {graph} DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"):  # fmt: skip
            yield sent("POST", "/sparql/update", operation.encode(), {"Content-Type": UPDATE, **bearer})


def small_write(token: str) -> Attack:
    """Return what is no attack: a fact that the shapes let in, another each time, taken out again."""
    numbers = itertools.count(1)
    headers = {"Content-Type": UPDATE, "Authorization": f"Bearer {token}"}

    def write(connection: http.client.HTTPConnection) -> int:
        fact = _ORGANISATION.replace("NUMBER", str(next(numbers)))
        statuses = set()
        for verb in ("INSERT", "DELETE"):
            text = f"{verb} DATA {{ {fact} }}"
            connection.request("POST", "/sparql/update", text.encode(), headers)
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
        return max(statuses)

    return Attack("small write", write)
