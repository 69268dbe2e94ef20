"""Evaluates one query inside a worker, and serialises the answer straight into frames."""

from __future__ import annotations

import re
from typing import IO, Any

import pyoxigraph as ox

from pactgraph.query.frames import BYTES, write_frame

_CHUNK = 64 * 1024
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# What XML 1.0 §2.2 cannot hold, and the element that the engine writes for a predicate without a local name.
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix:[ >]")
_CARRIED = 16
_VAGUE = "something else is expected here"

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Fault(Exception):
    """What is wrong with this query, as the report that goes to the pool."""

    def __init__(self, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.report: dict[str, object] = {"code": code, "message": message, **more}


def evaluate(store: ox.Store, request: dict[str, Any]) -> Results:
    """Start the evaluation on the dataset that the request describes; raises ``Fault``."""
    default, named = request["default_graphs"], request["named_graphs"]
    text, prefixes = request["text"], request["prefixes"]
    if default is None:
        return _query(store, text, prefixes=prefixes)
    names = [ox.NamedNode(iri) for iri in named]
    if len(default) > 1:
        store = _merge(store, default, named)
        graphs: Any = ox.DefaultGraph()
    else:
        graphs = [ox.NamedNode(iri) for iri in default]
    return _query(store, text, prefixes=prefixes, default_graph=graphs, named_graphs=names)


def _merge(store: ox.Store, default: list[str], named: list[str]) -> ox.Store:
    """Return a dataset in memory whose default graph is the merge of several (SPARQL 1.1 Query §13.2).

    The engine's own union of default graphs repeats a triple that two of them state. There are no blank nodes
    in the store, so the merge is the set union.
    """
    merged = ox.Store()
    for iri in default:
        graph = store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        merged.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in graph)
    for iri in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, ox.NamedNode(iri)))
    return merged


def _query(store: ox.Store, text: str, **options: Any) -> Results:  # noqa: ANN401 — passed on to the engine as it is
    try:
        return store.query(text, **options)
    except SyntaxError as error:
        raise _syntax_fault(str(error), text) from None
    except RuntimeError as error:
        raise Fault(
            "query-refused", f"The query cannot be evaluated: {error}; change that part of it"
        ) from None


def _syntax_fault(error: str, text: str) -> Fault:
    """Reword the engine's message, which lists every letter that could have followed, into one sentence."""
    match = _POSITION.match(error)
    if match is None:
        return Fault("query-syntax", f"The query does not parse: {error}; correct it", line=None, column=None)
    line, column = int(match[1]), int(match[2])
    message = f"The query does not parse at line {line}, column {column}: {_reason(match[3])}"
    return Fault("query-syntax", message + _found(text, line, column), line=line, column=column)


def _reason(expected: str) -> str:
    """Return the engine's own reason when it has one; words it could have read otherwise are no help."""
    parts = [
        part.strip()
        for part in expected.removeprefix("expected one of ").removeprefix("expected ").split(",")
    ]
    reasons = [part for part in parts if " " in part and not re.search(r"[=\[\]]", part)]
    return (
        reasons[0].replace("IRI parsing failed", "an IRI is not absolute or has a wrong character")
        if reasons
        else _VAGUE
    )


def _found(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    rest = lines[line - 1][column - 1 :].strip() if line <= len(lines) else ""
    return f", before {rest[:30]!r}" if rest else ", at the end of the line"


class Serialiser:
    """A binary stream for the engine's serialisers that fills frames of 64 KiB, so memory does not grow."""

    def __init__(self, answers: IO[bytes], *, xml: bool) -> None:
        self._answers = answers
        self._xml = xml
        self._buffer = bytearray()
        self._tail = b""
        self._fault: Fault | None = None

    def write_results(self, results: Results, media_type: str) -> None:
        """Serialise everything; raises ``Fault`` when the evaluation fails or XML cannot hold the answer."""
        output: Any = self
        try:
            if isinstance(results, ox.QueryTriples):
                results.serialize(output, ox.RdfFormat.from_media_type(media_type))
            else:
                results.serialize(output, ox.QueryResultsFormat.from_media_type(media_type))
            self._send()
        except RuntimeError as error:
            raise Fault(
                "query-refused", f"The query cannot be evaluated: {error}; change that part of it"
            ) from None
        except OSError:
            if self._fault is None:
                raise
            raise self._fault from None

    def write(self, data: bytes) -> int:
        """Take bytes from the engine's serialiser."""
        self._buffer += data
        if len(self._buffer) >= _CHUNK:
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: frames are sent when they are full."""

    def _send(self) -> None:
        chunk = bytes(self._buffer)
        self._buffer.clear()
        if self._xml:
            if _NOT_XML.search(self._tail + chunk):
                hint = "ask for JSON or N-Triples"
                self._fault = Fault(
                    "not-xml", f"The answer holds a character or a predicate that XML cannot; {hint}"
                )
                raise OSError("stopped")  # the engine passes OSError on, and only that
            self._tail = chunk[-_CARRIED:]
        if chunk:
            write_frame(self._answers, BYTES, chunk)
