"""The body of a write to a graph: one document without graph names, or a form of several (§5.5)."""

from __future__ import annotations

from fastapi import Request
from pyoxigraph import DefaultGraph, Quad

from pactgraph.errors import InputError
from pactgraph.ingest.formats import INPUT_FORMATS, InputFormat
from pactgraph.ingest.reading import read_quads
from pactgraph.web.multipart import MULTIPART, parts_of
from pactgraph.web.problems import Unservable
from pactgraph.web.protocol import media_type_of
from pactgraph.web.writing import MOST_STATEMENTS

_INPUTS = tuple(each for each in INPUT_FORMATS if each.name not in {"TriG", "N-Quads"})


def triples_of(request: Request, body: bytes, *, everything: bool = False) -> list[Quad]:
    """Read what a request brings; ``everything`` includes the terms of RDF 1.2 that the graph does not keep.

    Raises ``Unservable`` with 415 for what is no graph, ``InputError`` for a body that names graphs.
    """
    media_type = media_type_of(request)
    if media_type == MULTIPART and request.method == "POST":
        return [
            quad
            for each, content in parts_of(body, request.headers.get("content-type", ""))
            for quad in _read(content, each, everything=everything)
        ]
    return _read(body, media_type, everything=everything)


def _read(content: bytes, media_type: str, *, everything: bool) -> list[Quad]:
    format_ = _input_of(media_type)
    if format_ is None:
        accepted = ", ".join(each.media_types[0] for each in _INPUTS)
        sent = media_type or "a body without Content-Type"
        text = f"{sent} is not read as a graph; send one of {accepted}, or quads to /changes"
        raise Unservable(text, code="unsupported-media-type", status=415, headers={"Accept": accepted})
    quads = read_quads(
        content, format=format_.name, name="The graph", most=MOST_STATEMENTS, everything=everything
    )
    if any(not isinstance(quad.graph_name, DefaultGraph) for quad in quads):
        raise InputError("the body names graphs of its own; send them to /changes", code="several-graphs")
    return quads


def _input_of(media_type: str) -> InputFormat | None:
    return next((each for each in _INPUTS if media_type in each.media_types), None)
